import type { Granularity, ScaleDtype } from "./term.js";

/**
 * ±1 codes with scales. Over the columns that the term covers:
 *
 *     w = scale[row, group, zone] · columnScale[column] · sign + mean[row, group, zone]
 *
 * `columnScale` (rank-one methods), `mean` and `zoneMap` are optional: without them factor 1, summand 0, zone 0.
 */
export interface SignLayout {
  readonly kind: "sign";
  readonly rows: number;
  /** Columns of the matrix. */
  readonly columns: number;
  /** How many columns the term covers when it covers only some (array `columns` names them); absent: all. */
  readonly coveredColumns?: number;
  readonly granularity: Granularity;
  /** Consecutive covered columns that share a scale; the last group may be shorter. */
  readonly groupSize: number;
  /** Magnitude zones with a scale each, 1 to 4. */
  readonly zones: number;
  readonly hasMean: boolean;
  readonly hasColumnScale: boolean;
  readonly scaleDtype: ScaleDtype;
}

/** C = covered columns, G = ceil(C / groupSize), Z = zones; R is 1 for scale and mean when granularity is "tensor". */
export interface SignArrays {
  /** U8 [rows, ceil(C/8)], lowest bit first: 1 is +1, 0 is −1. sign(0) and sign(−0) are +1. */
  readonly signs: Uint8Array;
  /** scaleDtype [R, G, Z]. */
  readonly scale: Uint8Array;
  /** scaleDtype [R, G, Z]. */
  readonly mean?: Uint8Array;
  /** scaleDtype [C]. */
  readonly columnScale?: Uint8Array;
  /** U8 [rows, ceil(C·zoneBits/8)], zoneBits = ceil(log2 Z), lowest bits first. */
  readonly zoneMap?: Uint8Array;
  /** U32 [C], ascending column numbers. */
  readonly columns?: Uint8Array;
}
