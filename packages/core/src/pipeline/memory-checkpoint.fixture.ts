import { createMemorySource } from "../bytes/memory-source.js";
import type { Checkpoint } from "../safetensors/checkpoint.js";
import { openFile } from "../safetensors/open-file.js";
import { type TensorData, writeSafetensors } from "../safetensors/write-safetensors.js";

/** A checkpoint of one file in memory. */
export function memoryCheckpoint(tensors: readonly TensorData[]): Promise<Checkpoint> {
  return openFile(createMemorySource(writeSafetensors(tensors), "model.safetensors"));
}

export function f32Tensor(name: string, shape: readonly number[], values: Float32Array): TensorData {
  return { name, dtype: "F32", shape, data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}

/** Values between −1 and 1 that look like noise, equal for equal seeds. */
export function noise(count: number, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}
