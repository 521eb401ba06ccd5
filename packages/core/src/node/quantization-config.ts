import { lowbitQuantizationConfig } from "../layouts/lowbit/quantization-config.js";
import type { QuantizationPlan } from "../pipeline/plan.js";
import type { Provenance } from "../terms/quantized-weight.js";
import { jsonMember } from "./json-member.js";
import { lowbitVersion } from "./lowbit-version.js";

/** What an output was made with besides methods and options, in words. */
export interface OutputOrigin {
  readonly statistics?: string;
  readonly transforms?: string;
}

/**
 * The `quantization_config` of an output, with the method and options that most weights have.
 * @param config text of the original config.json, where there is one
 */
export function quantizationConfig(
  plan: QuantizationPlan,
  config: string | undefined,
  { statistics, transforms }: OutputOrigin = {},
): object {
  const shares = new Map<string, number>();
  for (const { quantization, weights } of plan.tensors) {
    if (!quantization) continue;
    const key = JSON.stringify([quantization.method, quantization.options]);
    shares.set(key, (shares.get(key) ?? 0) + weights);
  }
  const [largest] = [...shares].sort(([, left], [, right]) => right - left);
  const [method, options] = JSON.parse(largest![0]) as [string, Provenance["options"]];
  return lowbitQuantizationConfig({
    method,
    options,
    lowbitVersion: lowbitVersion(),
    bitsPerWeight: plan.totals.quantizedBitsPerWeight,
    statistics,
    transforms,
    replaced: replacedEntry(config),
  });
}

/** The `quantization_config` of the original, before any run of lowbit. */
function replacedEntry(config: string | undefined): object | undefined {
  const entry = config === undefined ? undefined : jsonMember(config, "quantization_config");
  if (typeof entry !== "object" || entry === null) return undefined;
  const { quant_method: method, replaced } = entry as { readonly quant_method?: unknown; readonly replaced?: object };
  return method === "lowbit" ? replaced : entry;
}
