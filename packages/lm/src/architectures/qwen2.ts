import type { Architecture } from "./architecture.js";
import { gatedDecoderPlan } from "./gated-decoder.js";
import { qwenSlidingWindows } from "./sliding-windows.js";

/** Qwen2 and Qwen2.5: queries, keys and values have biases. */
export const qwen2: Architecture = {
  modelTypes: ["qwen2"],
  plan: (fields) => gatedDecoderPlan(fields, { biases: { input: true }, slidingWindows: qwenSlidingWindows(fields) }),
};
