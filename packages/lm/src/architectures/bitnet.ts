import type { Architecture } from "./architecture.js";
import type { ConfigFields } from "./config-fields.js";
import { gatedDecoderPlan } from "./gated-decoder.js";

/**
 * BitNet b1.58 2B4T (arXiv 2504.12285): norms inside the layers, squared ReLU, and ternary weights with 8-bit activations
 * where `quantization_config` says so. The weights are stored unrounded ("online") and made ternary on load.
 */
export const bitnet: Architecture = {
  modelTypes: ["bitnet"],
  plan(fields) {
    const bias = fields.boolean("attention_bias", false);
    const isOnline = hasOnlineQuantization(fields);
    return gatedDecoderPlan(fields, {
      biases: { input: bias, output: bias },
      hasInnerNorms: true,
      activation: "relu2",
      epsilon: 1e-5,
      rotaryBase: 500_000,
      isTernarized: isOnline,
      ...(isOnline && { activations: { bits: 8 } }),
    });
  },
};

/** The settings of `quantization_config` whose weights are read, beside their defaults. */
const ONLINE = { linear_class: "autobitlinear", quantization_mode: "online" } as const;
const DEFAULTS = { linear_class: "bitlinear", quantization_mode: "offline" } as const;

/** @throws `model/unsupported-setting` for ternary weights that are stored packed */
function hasOnlineQuantization(fields: ConfigFields): boolean {
  const stated = fields.object("quantization_config");
  // Of what lowbit quantized, the entry of the original says how it runs.
  const quantization = stated?.raw("quant_method") === "lowbit" ? stated.object("replaced") : stated;
  if (quantization?.raw("quant_method") !== "bitnet") return false;
  for (const setting of ["linear_class", "quantization_mode"] as const) {
    if (quantization.text(setting, DEFAULTS[setting]) !== ONLINE[setting]) {
      throw quantization.unsupported(setting, `"${ONLINE[setting]}"`);
    }
  }
  if (quantization.boolean("use_rms_norm", false)) throw quantization.unsupported("use_rms_norm", "false");
  const unrounded = quantization.raw("modules_to_not_convert");
  if (unrounded !== undefined && !(Array.isArray(unrounded) && unrounded.length === 1 && unrounded[0] === "lm_head")) {
    throw quantization.unsupported("modules_to_not_convert", '["lm_head"]');
  }
  return true;
}
