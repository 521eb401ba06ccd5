import type { Granularity, ScaleDtype } from "./term.js";

/** {−1, 0, +1} codes: `w = scale · (digit − 1)`, digit 0, 1, 2. */
export interface TernaryLayout {
  readonly kind: "ternary";
  readonly rows: number;
  readonly columns: number;
  readonly granularity: Granularity;
  /** Consecutive columns that share a scale; the last group may be shorter. */
  readonly groupSize: number;
  /**
   * "two-bit": four digits a byte, lowest bits first (2 bits a weight).
   * "base-3": five digits a byte, digit i worth 3^i, (1.6 bits a weight); each row starts at a byte.
   */
  readonly packing: "two-bit" | "base-3";
  readonly scaleDtype: ScaleDtype;
}

/** G = ceil(columns / groupSize); R is 1 for scale when granularity is "tensor". */
export interface TernaryArrays {
  /** U8 [rows, ceil(columns/4)] or [rows, ceil(columns/5)]. */
  readonly digits: Uint8Array;
  /** scaleDtype [R, G]. */
  readonly scale: Uint8Array;
}
