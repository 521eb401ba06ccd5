import type { Granularity, ScaleDtype } from "./term.js";

/**
 * b-bit codes on a uniform grid.
 *
 *     midpoint:  w = scale · (code − 2^(bits−1))        symmetric
 *     integer:   w = scale · (code − zeroPoint)          zeroPoint a b-bit integer
 *     float:     w = scale · (code − zeroPoint)          zeroPoint in scaleDtype
 *     minimum:   w = scale · code + minimum              minimum in scaleDtype
 */
export interface AffineLayout {
  readonly kind: "affine";
  readonly rows: number;
  readonly columns: number;
  /** Bits of a code, 1 to 8. */
  readonly bits: number;
  readonly granularity: Granularity;
  /** Consecutive columns that share a scale; the last group may be shorter. Equals `columns` for row and tensor. */
  readonly groupSize: number;
  readonly zero: "midpoint" | "integer" | "float" | "minimum";
  readonly scaleDtype: ScaleDtype;
}

/** Arrays of an affine term. G = ceil(columns / groupSize); R is 1 for scale and zero when granularity is "tensor". */
export interface AffineArrays {
  /** U8 [rows, ceil(columns·bits/8)]: code i of a row in bits i·bits … of its bytes, lowest bit first. */
  readonly codes: Uint8Array;
  /** scaleDtype [R, G]. */
  readonly scale: Uint8Array;
  /** integer: U8 [R, ceil(G·bits/8)] packed like codes; float: scaleDtype [R, G]. */
  readonly zeroPoint?: Uint8Array;
  /** scaleDtype [R, G]. */
  readonly minimum?: Uint8Array;
}
