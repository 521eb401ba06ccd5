import { LowbitError, showValue } from "../errors/index.js";
import type { Checkpoint } from "../safetensors/checkpoint.js";
import type { LogicalWeight } from "./logical-weight.js";
import { QUANTIZATION_METHODS } from "./quantization-methods.js";
import { quantizationConfig } from "./stated-config.js";

/**
 * Refuses a checkpoint whose config.json states a method that no layout reads, where no weight is recognised as quantized:
 * its codes would pass for plain tensors.
 * @param weights of the checkpoint
 * @throws `model/quantization-method`
 */
export function refuseUnreadMethod(input: string, { config }: Checkpoint, weights: readonly LogicalWeight[]): void {
  const method = quantizationConfig(config)?.["quant_method"];
  if (method === undefined || QUANTIZATION_METHODS.includes(method as string)) return;
  if (weights.some(({ kind }) => kind === "quantized")) return;
  const found = showValue(method);
  throw new LowbitError(
    "model/quantization-method",
    `${input}: the quantization method in config.json is ${found}, and no weight is stored in a layout that lowbit knows; readable: ${QUANTIZATION_METHODS.join(", ")}.`,
    { model: input, found, allowed: QUANTIZATION_METHODS },
  );
}
