import type { Architecture } from "./architecture.js";
import { gatedDecoderPlan } from "./gated-decoder.js";

/** Llama 1, 2 and 3, SmolLM and everything else that uses this model type. */
export const llama: Architecture = {
  modelTypes: ["llama"],
  plan(fields) {
    const attentionBias = fields.boolean("attention_bias", false);
    return gatedDecoderPlan(fields, {
      biases: { input: attentionBias, output: attentionBias, feedForward: fields.boolean("mlp_bias", false) },
    });
  },
};
