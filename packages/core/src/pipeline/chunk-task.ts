import type { FloatDtype } from "../dtype/dtype-table.js";
import type { GgufTypeName } from "../gguf/gguf-types.js";
import type { CheckpointTensor } from "../safetensors/checkpoint.js";
import type { MatrixShape } from "../tensor/row-block.js";
import type { TermArraySpec, TermLayout } from "../terms/term.js";

/** Where bytes go in the output. Every place is known from the plan, so chunks are written in any order. */
export interface Placement {
  /** Output file, relative to the output directory. */
  readonly file: string;
  readonly byteOffset: number;
  readonly byteLength: number;
}

export interface PlacedTerm {
  readonly layout: TermLayout;
  readonly arrays: readonly { readonly spec: TermArraySpec; readonly place: Placement }[];
}

/** Work on one tensor, as plain data: it is sent to workers once, before the first chunk. */
export type ChunkTask = QuantizeTask | CopyTask | DequantizeTask | EncodeTask | CompareTask | ScanTask;

export interface QuantizeTask {
  readonly kind: "quantize";
  readonly tensor: CheckpointTensor;
  readonly shape: MatrixShape;
  readonly method: string;
  readonly options: object;
  readonly terms: readonly PlacedTerm[];
}

/** A tensor that stays: its bytes go over unchanged. */
export interface CopyTask {
  readonly kind: "copy";
  readonly tensor: CheckpointTensor;
  readonly place: Placement;
}

/** A quantized weight back as plain values. */
export interface DequantizeTask {
  readonly kind: "dequantize";
  /** Logical name of the weight. */
  readonly weight: string;
  readonly shape: MatrixShape;
  readonly dtype: FloatDtype;
  readonly place: Placement;
}

/** Weights in the storage type of a GGUF file. */
export interface EncodeTask {
  readonly kind: "encode";
  /** For messages. */
  readonly name: string;
  readonly source:
    | { readonly kind: "tensor"; readonly tensor: CheckpointTensor }
    /** Logical name of a weight that is quantized in the input. */
    | { readonly kind: "weight"; readonly weight: string };
  readonly shape: MatrixShape;
  /** Row of the input of every row of the output; absent: the same. */
  readonly rowOrder?: Uint32Array;
  readonly type: GgufTypeName;
  /** `lowbit`: our own search for the types that have one, ggml's rule for the others. */
  readonly encoder: BlockEncoder;
  /** [columns]: second moments of the input features, for the search. */
  readonly importance?: Float32Array;
  readonly measuresError: boolean;
  readonly place: Placement;
}

export type BlockEncoder = "ggml" | "lowbit";

/** One logical weight of two checkpoints, of equal shape. */
export interface CompareTask {
  readonly kind: "compare";
  readonly weight: string;
  readonly shape: MatrixShape;
}

/** The statistics of a tensor; its chunks are the spans of analysis/statistics-partial. */
export interface ScanTask {
  readonly kind: "scan";
  readonly tensor: CheckpointTensor;
  /** The tensor is one of `decodedCheckpoint`: a quantized weight is scanned by its values. */
  readonly isDecoded: boolean;
}

/** One unit of scheduling: a chunk of a task. Chunks of a task may be done in any order and on any thread. */
export type ChunkJob =
  | {
      readonly kind: "survey";
      readonly task: number;
      readonly chunk: number;
      readonly pass: number;
      readonly state: unknown;
    }
  | { readonly kind: "quantize"; readonly task: number; readonly chunk: number; readonly state: unknown }
  | {
      readonly kind: "copy" | "dequantize" | "encode" | "compare" | "scan";
      readonly task: number;
      readonly chunk: number;
    };
