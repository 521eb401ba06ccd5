import { createReferenceBackend } from "../backend/reference/reference-backend.js";
import { createMemorySource } from "../bytes/memory-source.js";
import type { Checkpoint } from "../safetensors/checkpoint.js";
import { openFile } from "../safetensors/open-file.js";
import { type TensorData, writeSafetensors } from "../safetensors/write-safetensors.js";
import { openWeight } from "./read-weight.js";
import { recogniseWeights } from "./recognise.js";

/** Tensors as a checkpoint, with `quantization_config` when one is given. */
export function checkpointOf(
  tensors: readonly TensorData[],
  quantization?: Record<string, unknown>,
): Promise<Checkpoint> {
  const config = quantization === undefined ? undefined : { quantization_config: quantization };
  return openFile(createMemorySource(writeSafetensors(tensors)), config ? { config } : {});
}

/** The values of a weight in the order of the model, read in two parts. */
export async function weightValues(checkpoint: Checkpoint, name: string): Promise<number[]> {
  const weight = recogniseWeights(checkpoint).find((candidate) => candidate.name === name)!;
  const reader = await openWeight(checkpoint, weight, createReferenceBackend());
  const values = new Float32Array(reader.rows * reader.columns);
  const middle = Math.floor(reader.rows / 2);
  await reader.read(0, middle, values.subarray(0, middle * reader.columns));
  await reader.read(middle, reader.rows, values.subarray(middle * reader.columns));
  return [...values];
}

/** Numbers that look random and are the same in every run. */
export function sequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
