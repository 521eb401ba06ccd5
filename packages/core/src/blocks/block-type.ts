import type { Term, TermLayout } from "../terms/term.js";

/** Names of the block types of ggml, as llama.cpp spells them. */
export type BlockTypeName =
  | "Q4_0"
  | "Q4_1"
  | "Q5_0"
  | "Q5_1"
  | "Q8_0"
  | "Q2_K"
  | "Q3_K"
  | "Q4_K"
  | "Q5_K"
  | "Q6_K"
  | "IQ1_S"
  | "IQ1_M"
  | "IQ2_XXS"
  | "IQ2_XS"
  | "IQ2_S"
  | "IQ3_XXS"
  | "IQ3_S"
  | "IQ4_NL"
  | "IQ4_XS"
  | "TQ1_0"
  | "TQ2_0"
  | "Q1_0"
  | "Q2_0"
  | "MXFP4"
  | "NVFP4"
  | "I2_S";

/** Block types whose scales our own search chooses; for the others ggml's rule is the only one. */
export type FittedBlockType = "Q2_K" | "Q3_K" | "Q4_K" | "Q5_K" | "Q6_K" | "IQ4_NL" | "IQ4_XS";

/** What a type says when weights cannot be stored in its blocks as they are. */
export interface BlockRefusal {
  /** One clause: "its groups of 48 columns are no multiple of 32". */
  readonly reason: string;
}

/** Blocks that hold given terms: all weights equal to the bit, or with scales rounded to the dtype of the block. */
export interface PackedBlocks {
  /** [rows · columns / weights] blocks. */
  readonly blocks: Uint8Array;
  /** Present: what had to be rounded, "F32 scales to F16". */
  readonly rounded?: string;
}

/**
 * A block type of GGUF: `weights` consecutive weights of a row in `bytes` bytes, scales among the codes. One file each.
 *
 * Read, a type is a plain term that every op takes (`layout`, `unpack`); bits per weight counts the blocks of the file.
 */
export interface BlockType {
  readonly name: BlockTypeName;
  /** Number in the tensor info of a GGUF file. */
  readonly id: number;
  /** Weights of a block; rows are whole blocks. */
  readonly weights: number;
  /** Bytes of a block. */
  readonly bytes: number;
  /**
   * Bytes behind the last row of a tensor that all its rows share (the scale of I2_S, padded). `unpack` then gets them
   * behind the rows it is given. Default 0.
   */
  readonly sharedBytes?: number;
  /** The term that `rows` × `columns` weights become. */
  layout(rows: number, columns: number): TermLayout;
  /**
   * The blocks of `rows` whole rows as the arrays of `layout(rows, columns)`: decoding the term gives ggml's values to the
   * bit.
   * @throws `gguf/block-value` for codes that mean nothing
   */
  unpack(blocks: Uint8Array, rows: number, columns: number): Term;
  /** Terms on the grid of this type as its blocks; absent for types that are only read. */
  pack?(terms: readonly Term[]): PackedBlocks | BlockRefusal;
  /**
   * ggml's own rule (`quantize_row_…_ref`, no importance matrix), byte for byte: `values` of whole blocks into `blocks`.
   * The reference of the op `blockEncode`. Absent for types that are only read.
   */
  encode?(values: Float32Array, blocks: Uint8Array): void;
}

/** A block type that is written as well. */
export type EncodableBlockType = BlockType & Required<Pick<BlockType, "pack" | "encode">>;
