import { createReferenceBackend, type KernelBackend } from "../backend/index.js";
import { createMemorySource } from "../bytes/index.js";
import { DTYPES, type Dtype, isFloatDtype } from "../dtype/dtype-table.js";
import { type Checkpoint, type CheckpointTensor, openFile, writeSafetensors } from "../safetensors/index.js";

export const REFERENCE: KernelBackend = createReferenceBackend();

export interface OneTensor {
  readonly checkpoint: Checkpoint;
  readonly tensor: CheckpointTensor;
}

/** A checkpoint in memory with one tensor of these bytes. */
export async function tensorOfBytes(dtype: Dtype, shape: readonly number[], data: Uint8Array): Promise<OneTensor> {
  const file = writeSafetensors([{ name: "w", dtype, shape, data }]);
  const checkpoint = await openFile(createMemorySource(file));
  return { checkpoint, tensor: checkpoint.tensor("w")! };
}

/** The same of float values, encoded half to even. */
export async function tensorOfValues(dtype: Dtype, shape: readonly number[], values: Float32Array): Promise<OneTensor> {
  if (!isFloatDtype(dtype)) throw new TypeError(`${dtype} is no float dtype`);
  const data = new Uint8Array((values.length * DTYPES[dtype].bits) / 8);
  REFERENCE.encodeFloats(dtype, values, data);
  return tensorOfBytes(dtype, shape, data);
}

/** What the tensor holds, as f32. */
export function decoded(dtype: Dtype, data: Uint8Array, count: number): Float32Array {
  if (!isFloatDtype(dtype)) throw new TypeError(`${dtype} is no float dtype`);
  const values = new Float32Array(count);
  REFERENCE.decodeFloats(dtype, data, values);
  return values;
}

/** Reproducible normal deviates, standard deviation 0.02, by the sum of twelve uniform ones (mulberry32). */
export function normalWeights(length: number, seed: number): Float32Array {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return Float32Array.from({ length }, () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += uniform();
    return 0.02 * sum;
  });
}
