import type { Granularity, ScaleDtype } from "@lowbit/core/terms";

export const SCALE_DTYPES: readonly ScaleDtype[] = ["F16", "BF16", "F32"];

/** Rows and columns around the vector width, a short last group, and more than one chunk of a kernel. */
export const DECODE_SHAPES: readonly { readonly rows: number; readonly columns: number }[] = [
  { rows: 0, columns: 5 },
  { rows: 3, columns: 1 },
  { rows: 2, columns: 15 },
  { rows: 4, columns: 16 },
  { rows: 1, columns: 17 },
  { rows: 3, columns: 33 },
  { rows: 2, columns: 172 },
  { rows: 1, columns: 700 },
];

/** Groups shorter than a vector, of whole vectors and longer than a row; rows and the tensor. */
export function sharings(columns: number): { granularity: Granularity; groupSize: number }[] {
  return [
    { granularity: "group", groupSize: 7 },
    { granularity: "group", groupSize: 32 },
    { granularity: "group", groupSize: 128 },
    { granularity: "row", groupSize: columns },
    { granularity: "tensor", groupSize: columns },
  ];
}
