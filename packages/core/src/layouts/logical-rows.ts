import type { Checkpoint } from "../safetensors/checkpoint.js";
import { elementCount } from "../tensor/matrix-shape.js";
import { describeStorage } from "./describe-storage.js";
import type { LogicalWeight } from "./logical-weight.js";
import { recogniseWeights } from "./recognise.js";

/** What a table shows of one weight: a plain tensor, or a quantized weight with all its arrays. */
export interface LogicalRow {
  readonly name: string;
  /** dtype of a plain tensor, block type "Q4_K", "method: affine 4-bit g32" or "gptq: affine 4-bit g128". */
  readonly storage: string;
  readonly shape: readonly number[];
  readonly parameters: number;
  readonly bytes: number;
  /** File that holds its first tensor. */
  readonly shard: string;
  /** What to know of how it was read. */
  readonly notes?: readonly string[];
}

/**
 * The weights of a checkpoint as its user knows them: a quantized weight is one row, whatever tensors hold it.
 * @throws as `recogniseWeights`
 */
export function logicalRows(checkpoint: Checkpoint): LogicalRow[] {
  return recogniseWeights(checkpoint).map(logicalRow);
}

export function logicalRow(weight: LogicalWeight): LogicalRow {
  return {
    name: weight.name,
    storage: describeStorage(weight),
    shape: weight.shape,
    parameters: elementCount(weight.shape),
    bytes: weight.byteLength,
    shard: weight.tensors[0]!.shard,
    ...(weight.kind === "quantized" && weight.notes && { notes: weight.notes }),
  };
}
