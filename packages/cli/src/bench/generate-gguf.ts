import { open } from "node:fs/promises";
import { type GgufMetadata, type GgufTensorSpec, type GgufValue, layOutGguf } from "@lowbit/core/gguf";
import { GaussianPool } from "./gaussian-pool.js";

export interface GeneratedGguf {
  /** The file to write. */
  readonly path: string;
  /** Bytes of all tensors together, approximately: whole blocks are added until it is reached. */
  readonly bytes: number;
}

/** Widths of TinyLlama 1.1B; a quarter of them for files below 500 MB. */
const LARGE = { hidden: 2048, feedForward: 5632, headCount: 32, keyValueHeadCount: 4, vocabulary: 32000 };
const SMALL = { hidden: 512, feedForward: 1536, headCount: 8, keyValueHeadCount: 2, vocabulary: 4096 };
const LARGE_FROM_BYTES = 5e8;

/**
 * Writes a GGUF file with the names, shapes and keys of a Llama model and random Gaussian F16 weights: for benchmarks, where
 * only sizes and distribution matter. The same arguments give the same bytes.
 */
export async function generateGguf({ path, bytes }: GeneratedGguf): Promise<void> {
  const widths = bytes >= LARGE_FROM_BYTES ? LARGE : SMALL;
  const { tensors, blockCount } = llamaTensors(bytes, widths);
  const layout = layOutGguf(llamaMetadata(widths, blockCount), tensors);
  const pool = new GaussianPool(f16Bits);
  const file = await open(path, "wx");
  try {
    await file.write(layout.head, 0, layout.head.byteLength, 0);
    for (const { type, byteOffset, byteLength } of layout.tensors) {
      if (type === "F32") {
        const ones = new Float32Array(byteLength / 4).fill(1);
        await file.write(new Uint8Array(ones.buffer), 0, byteLength, byteOffset);
        continue;
      }
      await pool.write(file, byteOffset, byteLength);
    }
    await file.truncate(layout.byteLength);
  } finally {
    await file.close();
  }
}

type Widths = typeof LARGE;

function llamaTensors(
  bytes: number,
  { hidden, feedForward, headCount, keyValueHeadCount, vocabulary }: Widths,
): { readonly tensors: readonly GgufTensorSpec[]; readonly blockCount: number } {
  const tensors: GgufTensorSpec[] = [];
  let total = 0;
  const add = (name: string, ...shape: number[]): void => {
    tensors.push({ name, shape, type: shape.length > 1 ? "F16" : "F32" });
    total += (shape.length > 1 ? 2 : 4) * shape.reduce((product, size) => product * size, 1);
  };
  add("token_embd.weight", vocabulary, hidden);
  add("output.weight", vocabulary, hidden);
  add("output_norm.weight", hidden);
  const keyValue = (hidden / headCount) * keyValueHeadCount;
  let block = 0;
  for (; total < bytes || block === 0; block++) {
    const prefix = `blk.${block}`;
    add(`${prefix}.attn_norm.weight`, hidden);
    add(`${prefix}.attn_q.weight`, hidden, hidden);
    add(`${prefix}.attn_k.weight`, keyValue, hidden);
    add(`${prefix}.attn_v.weight`, keyValue, hidden);
    add(`${prefix}.attn_output.weight`, hidden, hidden);
    add(`${prefix}.ffn_norm.weight`, hidden);
    add(`${prefix}.ffn_gate.weight`, feedForward, hidden);
    add(`${prefix}.ffn_up.weight`, feedForward, hidden);
    add(`${prefix}.ffn_down.weight`, hidden, feedForward);
  }
  return { tensors, blockCount: block };
}

function llamaMetadata(
  { hidden, feedForward, headCount, keyValueHeadCount, vocabulary }: Widths,
  blocks: number,
): GgufMetadata {
  const count = (value: number): GgufValue => ({ type: "uint32", value });
  return new Map<string, GgufValue>([
    ["general.architecture", { type: "string", value: "llama" }],
    ["general.file_type", count(1)],
    ["llama.vocab_size", count(vocabulary)],
    ["llama.context_length", count(2048)],
    ["llama.embedding_length", count(hidden)],
    ["llama.block_count", count(blocks)],
    ["llama.feed_forward_length", count(feedForward)],
    ["llama.attention.head_count", count(headCount)],
    ["llama.attention.head_count_kv", count(keyValueHeadCount)],
    ["llama.attention.layer_norm_rms_epsilon", { type: "float32", value: Math.fround(1e-5) }],
    ["llama.rope.dimension_count", count(hidden / headCount)],
    ["tokenizer.ggml.model", { type: "string", value: "no_vocab" }],
  ]);
}

/** Values below 2^-14 become 0 of their sign, mantissas are cut off: the bits do not matter here. */
function f16Bits(value: number): number {
  const sign = value < 0 ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude < 2 ** -14) return sign;
  const exponent = Math.floor(Math.log2(magnitude));
  return sign | ((exponent + 15) << 10) | Math.floor((magnitude / 2 ** exponent - 1) * 1024);
}
