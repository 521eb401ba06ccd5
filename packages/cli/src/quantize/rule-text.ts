import { LowbitError } from "@lowbit/core/errors";
import type { TensorRule } from "@lowbit/core/pipeline";
import { tensorMatcher } from "../tensor-glob.js";

/** A rule as somebody wrote it. */
export interface RuleText {
  /** Where: `--override "…"`, `recipe rule 2 ("…")`. */
  readonly origin: string;
  readonly glob: string;
  /** Name of a method, or KEEP. */
  readonly method: string;
  readonly options: Readonly<Record<string, string | number | boolean>>;
}

/** In the place of a method: the tensor stays as it is. */
export const KEEP = "keep";

/**
 * Reads `GLOB=METHOD`, `GLOB=METHOD:opt=value,opt=value` or `GLOB=keep`.
 * @throws `options/invalid-override`
 */
export function parseOverride(text: string): RuleText {
  const equals = text.indexOf("=");
  const colon = text.indexOf(":", equals);
  const glob = text.slice(0, Math.max(0, equals));
  const method = text.slice(equals + 1, colon < 0 ? undefined : colon);
  if (glob === "" || method === "") throw invalid(text, "a pattern, an equals sign and a method are needed");
  const options: Record<string, string> = {};
  for (const part of colon < 0 ? [] : text.slice(colon + 1).split(",")) {
    const [key, value, ...rest] = part.split("=");
    if (!key || !value || rest.length > 0) throw invalid(text, `"${part}" is not of the form option=value`);
    if (Object.hasOwn(options, key)) throw invalid(text, `option "${key}" is given twice`);
    options[key] = value;
  }
  return { origin: `--override "${text}"`, glob, method, options };
}

export function skipRule(glob: string): RuleText {
  return { origin: `--skip "${glob}"`, glob, method: KEEP, options: {} };
}

export function toTensorRule({ origin, glob, method, options }: RuleText): TensorRule {
  const matches = tensorMatcher(glob);
  return { origin, matches, action: method === KEEP ? { kind: "keep" } : { kind: "quantize", method, options } };
}

function invalid(text: string, problem: string): LowbitError {
  return new LowbitError(
    "options/invalid-override",
    `--override "${text}": ${problem}; the form is 'GLOB=METHOD:option=value,option=value' or 'GLOB=keep'.`,
    { override: text, problem },
  );
}
