import type { Architecture } from "./architecture.js";
import { gatedDecoderPlan } from "./gated-decoder.js";
import { mistralSlidingWindows } from "./sliding-windows.js";

/**
 * Mistral: Llama with a sliding window, in every block or, as Ministral has it, in those of `layer_types`;
 * `sliding_window: null` turns it off.
 */
export const mistral: Architecture = {
  modelTypes: ["mistral"],
  plan: (fields) => gatedDecoderPlan(fields, { slidingWindows: mistralSlidingWindows(fields) }),
};
