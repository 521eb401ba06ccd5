import type { Dtype } from "../dtype/dtype-table.js";
import type { Checkpoint, CheckpointTensor } from "../safetensors/checkpoint.js";
import type { InputTransform, TransformLayout } from "../terms/input-transform.js";
import type { Provenance } from "../terms/quantized-weight.js";
import type { Term, TermLayout } from "../terms/term.js";

interface WeightFacts {
  /** Name in the original model. */
  readonly name: string;
  /** Original shape and dtype. */
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  /** Bytes of all its tensors in the checkpoint. */
  readonly byteLength: number;
  /** Tensors of the checkpoint that hold it. */
  readonly tensors: readonly CheckpointTensor[];
}

/** A tensor that stands in the checkpoint as it is. */
export interface PlainWeight extends WeightFacts {
  readonly kind: "plain";
}

/** A weight that a checkpoint layout stores in several tensors. */
export interface StoredQuantizedWeight extends WeightFacts {
  readonly kind: "quantized";
  /** Name of the checkpoint layout: "lowbit". */
  readonly layout: string;
  readonly terms: readonly TermLayout[];
  readonly transforms: readonly TransformLayout[];
  readonly provenance?: Provenance;
  /** What a user should know of how it was read, one sentence each: a label that the values contradict. */
  readonly notes?: readonly string[];
  /** Reads what all rows share (tables, columns, transforms), checks it, and gives access to rows. */
  open(options?: ReadOptions): Promise<TermReader>;
}

/** What a user calls a weight, however many tensors hold it. */
export type LogicalWeight = PlainWeight | StoredQuantizedWeight;

export interface ReadOptions {
  readonly signal?: AbortSignal;
}

/** Terms of a quantized weight, by rows. */
export interface TermReader {
  readonly transforms: readonly InputTransform[];
  /** The terms restricted to rows `begin` … `end − 1`, in memory of their own. */
  rows(begin: number, end: number, options?: ReadOptions): Promise<readonly Term[]>;
}

/** One way of storing quantized weights in a checkpoint. */
export interface CheckpointLayout {
  readonly name: string;
  /** The weights that it finds; it throws when the checkpoint uses the layout wrongly. */
  recognise(checkpoint: Checkpoint): readonly StoredQuantizedWeight[];
}
