import type { Architecture } from "./architecture.js";
import { gatedDecoderPlan } from "./gated-decoder.js";
import { qwenSlidingWindows } from "./sliding-windows.js";

/** Qwen3: query and key heads are normed before they turn. */
export const qwen3: Architecture = {
  modelTypes: ["qwen3"],
  plan(fields) {
    const bias = fields.boolean("attention_bias", false);
    return gatedDecoderPlan(fields, {
      biases: { input: bias, output: bias },
      hasHeadNorms: true,
      headSize: 128,
      slidingWindows: qwenSlidingWindows(fields),
    });
  },
};
