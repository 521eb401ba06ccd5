import { mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { INDEX_NAME, layOutFile, planShards, shardIndexText, type TensorSpec } from "@lowbit/core/safetensors";
import { GaussianPool } from "./gaussian-pool.js";

export interface GeneratedCheckpoint {
  /** Directory to create. */
  readonly path: string;
  /** Bytes of all tensors together, approximately: whole layers are added until it is reached. */
  readonly bytes: number;
  /** Tensor bytes of a file at most; one file by default. */
  readonly maxShardBytes?: number;
}

/** Widths of a model of about this size: as in Llama 7B, or a quarter of it for checkpoints below 1 GB. */
const LARGE = { hidden: 4096, feedForward: 11008, vocabulary: 8192 };
const SMALL = { hidden: 1024, feedForward: 2816, vocabulary: 2048 };
const LARGE_FROM_BYTES = 1e9;

/**
 * Writes a checkpoint with the names and shapes of a Llama model and random Gaussian bf16 weights: for benchmarks, where
 * only sizes and distribution matter. The same arguments give the same bytes.
 */
export async function generateCheckpoint({ path, bytes, maxShardBytes }: GeneratedCheckpoint): Promise<void> {
  await mkdir(path, { recursive: true });
  const pool = new GaussianPool(bf16Bits);
  const shards = planShards(llamaTensors(bytes), maxShardBytes ?? Number.POSITIVE_INFINITY);
  for (const shard of shards) {
    const layout = layOutFile(shard.tensors, { format: "pt" });
    const file = await open(join(path, shard.name), "w");
    try {
      await file.write(layout.head, 0, layout.head.byteLength, 0);
      for (const { byteOffset, byteLength } of layout.tensors) await pool.write(file, byteOffset, byteLength);
    } finally {
      await file.close();
    }
  }
  if (shards.length > 1) await writeFile(join(path, INDEX_NAME), shardIndexText(shards));
  await writeFile(
    join(path, "config.json"),
    `${JSON.stringify({ architectures: ["LlamaForCausalLM"], model_type: "llama" })}\n`,
  );
}

function llamaTensors(bytes: number): TensorSpec[] {
  const { hidden, feedForward, vocabulary } = bytes >= LARGE_FROM_BYTES ? LARGE : SMALL;
  const tensors: TensorSpec[] = [];
  let total = 0;
  const add = (name: string, ...shape: number[]): void => {
    tensors.push({ name, dtype: "BF16", shape });
    total += 2 * shape.reduce((product, size) => product * size, 1);
  };
  add("model.embed_tokens.weight", vocabulary, hidden);
  add("model.norm.weight", hidden);
  for (let layer = 0; total < bytes; layer++) {
    const prefix = `model.layers.${layer}`;
    add(`${prefix}.input_layernorm.weight`, hidden);
    for (const name of ["q_proj", "k_proj", "v_proj", "o_proj"])
      add(`${prefix}.self_attn.${name}.weight`, hidden, hidden);
    add(`${prefix}.post_attention_layernorm.weight`, hidden);
    add(`${prefix}.mlp.gate_proj.weight`, feedForward, hidden);
    add(`${prefix}.mlp.up_proj.weight`, feedForward, hidden);
    add(`${prefix}.mlp.down_proj.weight`, hidden, feedForward);
  }
  return tensors;
}

const FLOAT = new Float32Array(1);
const BITS = new Uint32Array(FLOAT.buffer);

/** Rounded towards 0: the bits do not matter here. */
function bf16Bits(value: number): number {
  FLOAT[0] = value;
  return BITS[0]! >>> 16;
}
