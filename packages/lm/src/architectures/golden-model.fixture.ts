import { readdirSync, readFileSync } from "node:fs";
import { createMemorySource } from "@lowbit/core/bytes";
import { DTYPES, encodeFloats, type FloatDtype } from "@lowbit/core/dtype";
import { type Checkpoint, openShards, type TensorData, writeSafetensors } from "@lowbit/core/safetensors";

const FOLDER = new URL("./__golden__/", import.meta.url);

/** One file of make_golden_logits.py. */
export interface GoldenModel {
  readonly config: Readonly<Record<string, unknown>>;
  /** Name and shape of every tensor. */
  readonly tensors: Readonly<Record<string, readonly number[]>>;
  readonly ids: readonly number[];
  /** [ids, vocabulary] */
  readonly logits: readonly (readonly number[])[];
}

export const GOLDEN_NAMES: readonly string[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".json"))
  .map((file) => file.slice(0, -".json".length));

export function readGolden(name: string): GoldenModel {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), "utf8")) as GoldenModel;
}

/** The rule of `weight_values` in make_golden_logits.py: k / 512 with 8-bit k, around 1 for norms. */
export function weightValues(name: string, shape: readonly number[]): Float32Array {
  let seed = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) seed = Math.imul(seed ^ byte, 0x01000193) >>> 0;
  const isNorm = shape.length === 1 && name.endsWith(".weight");
  return Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, i) => {
    let h = (Math.imul(i, 0x9e3779b9) + seed) >>> 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b) >>> 0;
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35) >>> 0;
    const k = ((h ^ (h >>> 16)) & 0xff) - 128;
    return isNorm ? 1 + Math.floor(k / 2) / 128 : k / 512;
  });
}

/** A tensor of a checkpoint in memory. */
export function floatTensor(
  name: string,
  shape: readonly number[],
  dtype: FloatDtype = "F32",
  values: Float32Array = weightValues(name, shape),
): TensorData {
  const data = new Uint8Array((values.length * DTYPES[dtype].bits) / 8);
  encodeFloats(dtype, values, data);
  return { name, shape, dtype, data };
}

export function goldenTensors(golden: GoldenModel, dtype: FloatDtype = "F32"): TensorData[] {
  return Object.entries(golden.tensors).map(([name, shape]) => floatTensor(name, shape, dtype));
}

/** A checkpoint in memory, its tensors dealt out to so many shards. */
export function memoryCheckpoint(tensors: readonly TensorData[], shards = 1): Promise<Checkpoint> {
  const files = Array.from({ length: shards }, (_, shard) =>
    writeSafetensors(tensors.filter((__, i) => i % shards === shard)),
  );
  return openShards(
    "memory",
    files.map((_, shard) => `${shard}.safetensors`),
    async (shard) => createMemorySource(files[Number.parseInt(shard, 10)]!),
    {},
  );
}
