import type { ConfigFields } from "../architectures/config-fields.js";
import { plainFrequencies, rotarySettings } from "../architectures/rotary-frequencies.js";
import type { DecoderConfig } from "../model/decoder-config.js";
import type { MetadataBuilder } from "./metadata-builder.js";
import { refuseExport } from "./refuse-export.js";
import { grownAttention } from "./rotary-config.js";

const SCALING = "rope.scaling";

/** What of a rotary embedding is no key. */
interface RotaryRest {
  readonly rotaryFactors?: Float32Array;
  readonly notes: readonly string[];
}

/**
 * Writes the keys of a rotary embedding. Scaling that llama.cpp has no keys for (Llama 3) becomes factors of single pairs.
 * @param defaults as the architecture states them
 */
export function rotaryMetadata(
  { positions, headSize }: DecoderConfig,
  fields: ConfigFields,
  keys: MetadataBuilder,
  defaults: Partial<Parameters<typeof rotarySettings>[1]> = {},
): RotaryRest {
  if (positions.kind !== "rotary") throw new TypeError("the architecture has no rotary embedding");
  const { base, rotarySize, type, parameters, originalContext } = rotarySettings(fields, { headSize, ...defaults });
  keys.float("rope.freq_base", base);
  if (type === "linear") {
    keys.text(`${SCALING}.type`, "linear");
    keys.float(`${SCALING}.factor`, parameters!.positive("factor"));
  } else if (type === "yarn") {
    const factor = parameters!.positive("factor");
    if (parameters!.isNull("truncate") || !parameters!.boolean("truncate", true)) {
      throw refuseExport(fields, "its YaRN scaling does not round the first and last pair, which llama.cpp does");
    }
    keys.text(`${SCALING}.type`, "yarn");
    keys.float(`${SCALING}.factor`, factor);
    keys.count(`${SCALING}.original_context_length`, originalContext());
    for (const field of ["beta_fast", "beta_slow"]) {
      if (parameters!.has(field)) keys.float(`${SCALING}.yarn_${field}`, parameters!.positive(field));
    }
    const growth = positions.attentionFactor / grownAttention(factor);
    if (Math.abs(growth - 1) > 1e-12) keys.float(`${SCALING}.attn_factor`, growth);
  } else if (type !== "default") {
    if (positions.attentionFactor !== 1) throw refuseExport(fields, `its ${type} scaling changes the attention's size`);
    const plain = plainFrequencies(base, rotarySize);
    return {
      rotaryFactors: Float32Array.from(plain, (frequency, i) => frequency / positions.frequencies[i]!),
      notes: [],
    };
  }
  return { notes: [] };
}
