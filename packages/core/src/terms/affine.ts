import { packedByteLength } from "../bitpack/packed-byte-length.js";
import { checkGroupSize, describeSharing, groupCount, scaleRows } from "./granularity.js";
import {
  BITS_FIELD,
  checkTermFields,
  GRANULARITY_FIELD,
  GROUP_SIZE_FIELD,
  type LayoutFields,
  SCALE_DTYPE_FIELD,
} from "./layout-fields.js";

import type { Granularity, ScaleDtype, TermArraySpec } from "./term.js";

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

const AFFINE_FIELDS: LayoutFields<AffineLayout> = {
  bits: BITS_FIELD,
  granularity: GRANULARITY_FIELD,
  groupSize: GROUP_SIZE_FIELD,
  zero: { type: "choice", choices: ["midpoint", "integer", "float", "minimum"] },
  scaleDtype: SCALE_DTYPE_FIELD,
};

export function validateAffine(layout: AffineLayout): void {
  checkTermFields(layout, AFFINE_FIELDS);
  checkGroupSize(layout, layout.columns);
}

export function affineArrays(layout: AffineLayout): readonly TermArraySpec[] {
  const { rows, columns, bits, groupSize, zero, scaleDtype } = layout;
  const groups = groupCount(columns, groupSize);
  const perRow = layout.granularity !== "tensor";
  const perGroup = { dtype: scaleDtype, shape: [scaleRows(layout), groups], perRow } as const;
  const arrays: TermArraySpec[] = [
    { name: "codes", dtype: "U8", shape: [rows, packedByteLength(columns, bits)], perRow: true },
    { name: "scale", ...perGroup },
  ];
  if (zero === "integer") {
    arrays.push({ name: "zeroPoint", dtype: "U8", shape: [scaleRows(layout), packedByteLength(groups, bits)], perRow });
  }
  if (zero === "float") arrays.push({ name: "zeroPoint", ...perGroup });
  if (zero === "minimum") arrays.push({ name: "minimum", ...perGroup });
  return arrays;
}

export function describeAffine(layout: AffineLayout): string {
  return `affine ${layout.bits}-bit, ${describeSharing(layout)}, ${layout.zero} zero, ${layout.scaleDtype} scales`;
}
