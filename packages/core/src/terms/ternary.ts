import { type TritPacking, tritByteLength } from "../bitpack/pack-trits.js";
import { checkGroupSize, describeSharing, groupCount, scaleRows } from "./granularity.js";
import {
  checkTermFields,
  GRANULARITY_FIELD,
  GROUP_SIZE_FIELD,
  type LayoutFields,
  SCALE_DTYPE_FIELD,
} from "./layout-fields.js";
import type { Granularity, ScaleDtype, TermArraySpec } from "./term.js";

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
  readonly packing: TritPacking;
  readonly scaleDtype: ScaleDtype;
}

/** G = ceil(columns / groupSize); R is 1 for scale when granularity is "tensor". */
export interface TernaryArrays {
  /** U8 [rows, ceil(columns/4)] or [rows, ceil(columns/5)]. */
  readonly digits: Uint8Array;
  /** scaleDtype [R, G]. */
  readonly scale: Uint8Array;
}

const TERNARY_FIELDS: LayoutFields<TernaryLayout> = {
  granularity: GRANULARITY_FIELD,
  groupSize: GROUP_SIZE_FIELD,
  packing: { type: "choice", choices: ["two-bit", "base-3"] },
  scaleDtype: SCALE_DTYPE_FIELD,
};

export function validateTernary(layout: TernaryLayout): void {
  checkTermFields(layout, TERNARY_FIELDS);
  checkGroupSize(layout, layout.columns);
}

export function ternaryArrays(layout: TernaryLayout): readonly TermArraySpec[] {
  const { rows, columns, packing, scaleDtype } = layout;
  return [
    { name: "digits", dtype: "U8", shape: [rows, tritByteLength(columns, packing)], perRow: true },
    {
      name: "scale",
      dtype: scaleDtype,
      shape: [scaleRows(layout), groupCount(columns, layout.groupSize)],
      perRow: layout.granularity !== "tensor",
    },
  ];
}

export function describeTernary(layout: TernaryLayout): string {
  return `ternary ${layout.packing}, ${describeSharing(layout)}, ${layout.scaleDtype} scales`;
}
