import type { GgufShapes } from "./gguf-architecture.js";
import type { GgufFields } from "./gguf-fields.js";
import { llama3Scaling } from "./llama3-scaling.js";

const SCALING = "rope.scaling";

/**
 * Rotary embedding of a GGUF file as config.json states it: linear and YaRN scaling from keys, factors of single pairs
 * ("rope_freqs.weight") as the Llama 3 rule that made them, or else one by one.
 * @throws `model/gguf-key`, `model/gguf-setting`
 */
export function rotaryConfig(
  fields: GgufFields,
  shapes: GgufShapes,
  rotarySize: number,
): Readonly<Record<string, unknown>> {
  const base = fields.positive("rope.freq_base", 10_000);
  const context = fields.count("context_length");
  const scaling = keyScaling(fields, context);
  const factors = shapes.rotaryFactors;
  if (factors === undefined) return { rope_theta: base, ...(scaling !== undefined && { rope_scaling: scaling }) };
  if (scaling !== undefined) {
    throw fields.unsupported(`${SCALING}.type`, `"none" in a file with the tensor rope_freqs.weight`);
  }
  if (factors.length !== rotarySize / 2 || !factors.every((factor) => factor > 0 && factor < Infinity)) {
    throw fields.invalid("rope.dimension_count", `twice the ${factors.length} factors above 0 of rope_freqs.weight`);
  }
  const long = {
    rope_type: "longrope",
    factor: 1,
    short_factor: factors,
    long_factor: factors,
    attention_factor: 1,
    original_max_position_embeddings: context,
  };
  return { rope_theta: base, rope_scaling: llama3Scaling(factors, base, rotarySize) ?? long };
}

function keyScaling(fields: GgufFields, context: number): Readonly<Record<string, unknown>> | undefined {
  const type = fields.text(`${SCALING}.type`, "linear");
  if (type === "none") return undefined;
  const factor = statedFactor(fields);
  if (factor === 1 && type === "linear") return undefined;
  if (type === "linear") return { rope_type: "linear", factor };
  if (type !== "yarn") throw fields.unsupported(`${SCALING}.type`, `"none", "linear" or "yarn"`);
  for (const name of ["yarn_log_multiplier", "yarn_ext_factor"]) {
    const allowed = name === "yarn_ext_factor" ? 1 : 0;
    const found = fields.scalar(fields.key(`${SCALING}.${name}`)) ?? allowed;
    if (found !== allowed && found !== -1) throw fields.unsupported(`${SCALING}.${name}`, `${allowed}`);
  }
  const optional = (name: string, key: string) =>
    fields.has(`${SCALING}.${key}`) && { [name]: fields.positive(`${SCALING}.${key}`) };
  return {
    rope_type: "yarn",
    factor,
    original_max_position_embeddings: fields.count(`${SCALING}.original_context_length`, context),
    ...optional("beta_fast", "yarn_beta_fast"),
    ...optional("beta_slow", "yarn_beta_slow"),
    ...attentionFactor(fields, factor),
  };
}

/** 0 means none. */
function statedFactor(fields: GgufFields): number {
  const field = fields.has(`${SCALING}.factor`) ? `${SCALING}.factor` : "rope.scale_linear";
  return fields.scalar(fields.key(field)) === 0 ? 1 : fields.positive(field, 1);
}

/** `attn_factor` multiplies the factor that follows from the scaling; `yarn_attn_factor` is the factor itself. */
function attentionFactor(fields: GgufFields, factor: number): Readonly<Record<string, number>> {
  if (fields.has(`${SCALING}.attn_factor`)) {
    return { attention_factor: fields.positive(`${SCALING}.attn_factor`) * grownAttention(factor) };
  }
  const stated = `${SCALING}.yarn_attn_factor`;
  return fields.has(stated) ? { attention_factor: fields.positive(stated) } : {};
}

/** Growth of cos and sin in YaRN where nothing else is stated. */
export function grownAttention(factor: number): number {
  return factor <= 1 ? 1 : 0.1 * Math.log(factor) + 1;
}
