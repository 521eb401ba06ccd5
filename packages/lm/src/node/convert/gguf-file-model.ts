import type { GgufCheckpoint, GgufMetadata } from "@lowbit/core/gguf";
import { type LogicalWeight, recogniseWeights } from "@lowbit/core/layouts";
import type { GgufExportTensor, GgufTensorRole } from "../../gguf/gguf-export.js";
import type { TypedModel } from "./gguf-type-choice.js";

/**
 * The tensors of a GGUF file as those of one to be written, in the order of the file: names, order of rows and what the
 * architecture means by them stay.
 */
export function ggufFileModel(checkpoint: GgufCheckpoint): TypedModel {
  const weights = new Map(recogniseWeights(checkpoint).map((weight) => [weight.tensors[0]!.name, weight]));
  const shardOf = new Map(checkpoint.shards.map((shard, index) => [shard, index]));
  const inFile = checkpoint.tensors.toSorted(
    (a, b) => shardOf.get(a.shard)! - shardOf.get(b.shard)! || a.byteOffset - b.byteOffset,
  );
  const tensors = inFile.flatMap(({ name, shape }): GgufExportTensor[] => {
    const weight: LogicalWeight | undefined = weights.get(name);
    // A factor of a tensor beside it belongs to that one's weight.
    if (weight === undefined) return [];
    const source = { kind: "weight", weight, isTransposed: false, isTernarized: false } as const;
    return [{ name, shape, role: roleOf(name, shape.length), source }];
  });
  return { tensors, config: headCounts(checkpoint.gguf) as TypedModel["config"] };
}

/** Tensors of blocks that no program quantizes: routers of experts, convolutions and positions, norms. */
const NEVER_QUANTIZED = /_norm\.weight$|ffn_gate_inp|ssm_conv1d|shortconv|attn_rel_b|time_mix|altup|laurel/;
const OF_A_BLOCK = /^blk\.\d+\..+\.weight$/;

function roleOf(name: string, axes: number): GgufTensorRole {
  if (axes < 2 || NEVER_QUANTIZED.test(name)) return "kept";
  if (name === "token_embd.weight") return "embedding";
  if (name === "output.weight") return "output";
  return OF_A_BLOCK.test(name) ? "matrix" : "kept";
}

/** What of the architecture decides about types; a list of numbers (one a block) counts by its largest. */
function headCounts(metadata: GgufMetadata): Partial<TypedModel["config"]> {
  const stated = metadata.get("general.architecture");
  const architecture = stated !== undefined && stated.type !== "array" ? String(stated.value) : "";
  const count = (key: string, otherwise: number): number => {
    const value = metadata.get(`${architecture}.${key}`);
    if (value === undefined) return otherwise;
    const numbers = (value.type === "array" ? value.values : [value.value]).map(Number).filter(Number.isFinite);
    return Math.max(1, ...numbers);
  };
  const headCount = count("attention.head_count", 1);
  return {
    architecture,
    blockCount: count("block_count", 1),
    headCount,
    keyValueHeadCount: count("attention.head_count_kv", headCount),
  };
}
