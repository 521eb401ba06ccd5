import type { Checkpoint, CheckpointTensor } from "../../safetensors/checkpoint.js";
import type { ReadOptions } from "../logical-weight.js";
import { readAll } from "../read-bytes.js";
import type { WeightTensor } from "./weight-tensors.js";

/** An array of the weight and the tensor that holds it. */
export interface StoredArray extends WeightTensor {
  readonly tensor: CheckpointTensor;
}

/** Arrays by their keys. */
export type Arrays = Record<string, Uint8Array>;

export async function readWhole(
  checkpoint: Checkpoint,
  stored: readonly StoredArray[],
  options?: ReadOptions,
): Promise<Arrays> {
  const arrays: Arrays = {};
  for (const { array, tensor } of stored) {
    arrays[array] = await readAll(checkpoint, tensor, options);
  }
  return arrays;
}
