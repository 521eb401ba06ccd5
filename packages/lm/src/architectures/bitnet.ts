import type { Architecture } from "./architecture.js";
import { gatedDecoderPlan } from "./gated-decoder.js";

/**
 * BitNet b1.58 2B4T (arXiv 2504.12285): norms inside the layers, squared ReLU, and ternary weights with 8-bit activations
 * where `quantization_config` says so (bitnet-quantization.ts).
 */
export const bitnet: Architecture = {
  modelTypes: ["bitnet"],
  plan(fields) {
    const bias = fields.boolean("attention_bias", false);
    return gatedDecoderPlan(fields, {
      biases: { input: bias, output: bias },
      hasInnerNorms: true,
      activation: "relu2",
      epsilon: 1e-5,
      rotaryBase: 500_000,
    });
  },
};
