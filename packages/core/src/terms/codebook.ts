import type { Granularity, ScaleDtype } from "./term.js";

/** b-bit codes into a table: `w = scale · table[code]`. */
export interface CodebookLayout {
  readonly kind: "codebook";
  readonly rows: number;
  readonly columns: number;
  /** Bits of a code, 1 to 8. */
  readonly bits: number;
  readonly granularity: Granularity;
  /** Consecutive columns that share a scale; the last group may be shorter. */
  readonly groupSize: number;
  /** Name of the table ("nf4", "fp4"), for people; the values are in the file. */
  readonly codebook: string;
  readonly scaleDtype: ScaleDtype;
}

/** G = ceil(columns / groupSize); R is 1 for scale when granularity is "tensor". */
export interface CodebookArrays {
  /** U8 [rows, ceil(columns·bits/8)], lowest bits first. */
  readonly codes: Uint8Array;
  /** scaleDtype [R, G]. */
  readonly scale: Uint8Array;
  /** F32 [2^bits]. */
  readonly table: Uint8Array;
}
