import {
  type MethodTable,
  methodNamed,
  resolveOptions,
  STATISTIC_KINDS,
  type StatisticKind,
} from "@lowbit/core/quantizers";
import { DEFAULT_CANDIDATES } from "@lowbit/lm";
import type { Setting } from "./setting.js";

/**
 * Statistics that a setting reads: those of its method, or of all candidates of a target and the gradients that predict their
 * costs.
 * @throws `options/unknown-method`, `options/…`
 */
export function settingNeeds(setting: Setting, methods: MethodTable): readonly StatisticKind[] {
  if ("targetBitsPerWeight" in setting) {
    const kinds = DEFAULT_CANDIDATES.flatMap((candidate) => methodNeeds(candidate.method, candidate.options, methods));
    return ordered(["hessian", "gradient-square", ...kinds]);
  }
  return methodNeeds(setting.method, setting.options, methods);
}

/** In the order of STATISTIC_KINDS, each once. */
export function ordered(kinds: readonly StatisticKind[]): readonly StatisticKind[] {
  return STATISTIC_KINDS.filter((kind) => kinds.includes(kind));
}

function methodNeeds(
  name: string,
  given: Readonly<Record<string, unknown>>,
  methods: MethodTable,
): readonly StatisticKind[] {
  const method = methodNamed(name, methods);
  const options = resolveOptions(method, given);
  return "quantizeLayer" in method ? method.needs(options) : [];
}
