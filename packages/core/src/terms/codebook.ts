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

const CODEBOOK_FIELDS: LayoutFields<CodebookLayout> = {
  bits: BITS_FIELD,
  granularity: GRANULARITY_FIELD,
  groupSize: GROUP_SIZE_FIELD,
  codebook: { type: "name" },
  scaleDtype: SCALE_DTYPE_FIELD,
};

export function validateCodebook(layout: CodebookLayout): void {
  checkTermFields(layout, CODEBOOK_FIELDS);
  checkGroupSize(layout, layout.columns);
}

export function codebookArrays(layout: CodebookLayout): readonly TermArraySpec[] {
  const { rows, columns, bits, scaleDtype } = layout;
  return [
    { name: "codes", dtype: "U8", shape: [rows, packedByteLength(columns, bits)], perRow: true },
    {
      name: "scale",
      dtype: scaleDtype,
      shape: [scaleRows(layout), groupCount(columns, layout.groupSize)],
      perRow: layout.granularity !== "tensor",
    },
    { name: "table", dtype: "F32", shape: [2 ** bits], perRow: false },
  ];
}

export function describeCodebook(layout: CodebookLayout): string {
  return `codebook ${layout.codebook} ${layout.bits}-bit, ${describeSharing(layout)}, ${layout.scaleDtype} scales`;
}
