import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

export interface SparseCheckpoint {
  readonly weights: number;
  readonly rows: number;
  readonly columns: number;
  /** More than one: with an index. Default 1. */
  readonly shards?: number;
  /** Fills the matrices with noise that has outlier columns; without it they are holes, which take no room on the disk. */
  readonly isFilled?: boolean;
}

const BYTES_PER_VALUE = 2;
const EXPERTS = 384;
const PROJECTIONS = ["gate_proj", "up_proj", "down_proj"];

/** Name of a weight, as a model of many experts has them. */
export function weightName(index: number): string {
  const expert = Math.floor(index / PROJECTIONS.length);
  const layer = Math.floor(expert / EXPERTS);
  return `model.layers.${layer}.mlp.experts.${expert % EXPERTS}.${PROJECTIONS[index % PROJECTIONS.length]}.weight`;
}

/**
 * Writes a bf16 checkpoint of any size into a folder, by the format's description and without the code under test.
 * @returns name of the file to open
 */
export function writeSparseCheckpoint(folder: string, checkpoint: SparseCheckpoint): string {
  const { weights, rows, columns, shards = 1, isFilled = false } = checkpoint;
  const bytesOfWeight = BYTES_PER_VALUE * rows * columns;
  const perShard = Math.ceil(weights / shards);
  const weight_map: Record<string, string> = {};
  mkdirSync(folder, { recursive: true });
  for (let shard = 0; shard < shards; shard++) {
    const name = shards === 1 ? "model.safetensors" : `model-${five(shard + 1)}-of-${five(shards)}.safetensors`;
    const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
    const begin = shard * perShard;
    const end = Math.min(begin + perShard, weights);
    for (let index = begin; index < end; index++) {
      const at = (index - begin) * bytesOfWeight;
      header[weightName(index)] = { dtype: "BF16", shape: [rows, columns], data_offsets: [at, at + bytesOfWeight] };
      weight_map[weightName(index)] = name;
    }
    const file = openSync(join(folder, name), "w");
    const head = headBytes(header);
    writeSync(file, head);
    if (isFilled) for (let index = begin; index < end; index++) writeSync(file, noise(rows, columns, index));
    else ftruncateSync(file, head.length + (end - begin) * bytesOfWeight);
    closeSync(file);
  }
  writeFileSync(join(folder, "config.json"), '{ "architectures": ["LlamaForCausalLM"], "model_type": "llama" }\n');
  if (shards === 1) return "model.safetensors";
  const index = { metadata: { total_size: weights * bytesOfWeight }, weight_map };
  writeFileSync(join(folder, "model.safetensors.index.json"), JSON.stringify(index, undefined, 2));
  return "model.safetensors.index.json";
}

function headBytes(header: Readonly<Record<string, unknown>>): Uint8Array {
  const text = JSON.stringify(header);
  const padded = new TextEncoder().encode(text + " ".repeat((8 - (text.length % 8)) % 8));
  const head = new Uint8Array(8 + padded.length);
  new DataView(head.buffer).setBigUint64(0, BigInt(padded.length), true);
  head.set(padded, 8);
  return head;
}

/** About a normal distribution (sum of four uniform values), a column in a thousand eight times as large. */
function noise(rows: number, columns: number, seed: number): Uint8Array {
  const values = new Uint16Array(rows * columns);
  const bits = new Uint32Array(1);
  const real = new Float32Array(bits.buffer);
  let state = (seed + 1) * 2654435761;
  for (let at = 0; at < values.length; at++) {
    // xorshift32 (Marsaglia, 2003); the four bytes of a state are the four uniform values.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const sum = (state & 255) + ((state >>> 8) & 255) + ((state >>> 16) & 255) + (state >>> 24);
    real[0] = ((sum - 510) / 8000) * ((at % columns) % 1000 === 7 ? 8 : 1);
    values[at] = bits[0]! >>> 16;
  }
  return new Uint8Array(values.buffer);
}

function five(number: number): string {
  return String(number).padStart(5, "0");
}
