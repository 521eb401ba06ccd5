import type { LogicalWeight } from "./logical-weight.js";

/** How a weight is stored, in one word: "BF16", the block type "Q4_K", or the layout of a quantized weight, "gptq". */
export function storageName(weight: LogicalWeight): string {
  if (weight.kind === "plain") return weight.dtype;
  return weight.tensors[0]?.blockType ?? weight.layout;
}
