import { packCodes } from "../../bitpack/pack-codes.js";
import { packedByteLength } from "../../bitpack/packed-byte-length.js";
import { writeU16, writeU32 } from "../../terms/index-array.js";
import type { MaskedLayout } from "../../terms/masked.js";
import { writeScales } from "../../terms/scale-array.js";
import type { SignLayout } from "../../terms/sign.js";
import { indexDtype } from "../../terms/sparse.js";
import type { Term } from "../../terms/term.js";
import { allocateTerm } from "../../terms/term-arrays.js";
import type { RowSigns } from "./masked-sign-fit.js";
import type { RowRanges } from "./salient-range.js";

/** The signs of all weights, salient ones +1. @param codes [rows, columns] */
export function signTerm(
  layout: SignLayout,
  codes: Uint8Array,
  isSalient: Uint8Array,
  { mean, scale }: RowSigns,
): Term<SignLayout> {
  const term = allocateTerm(layout);
  const { rows, columns, scaleDtype } = layout;
  const bytes = packedByteLength(columns, 1);
  const signs = new Uint8Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0, at = row * columns; column < columns; column++, at++) {
      signs[column] = isSalient[at] === 1 ? 1 : codes[at]!;
    }
    packCodes(signs, 1, term.arrays.signs.subarray(row * bytes));
  }
  writeScales(scale, scaleDtype, term.arrays.scale);
  writeScales(mean, scaleDtype, term.arrays.mean!);
  return term;
}

/** The codes of the salient weights. @param codes [rows, columns] */
export function maskedTerm(
  layout: MaskedLayout,
  codes: Uint8Array,
  isSalient: Uint8Array,
  { scale, minimum }: RowRanges,
): Term<MaskedLayout> {
  const term = allocateTerm(layout);
  const { rows, columns, count, bits, scaleDtype } = layout;
  const kept = new Uint8Array(count);
  const places = new Uint32Array(count);
  const rowStarts = new Uint32Array(rows + 1);
  let next = 0;
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at++) {
      if (isSalient[at] === 0) continue;
      kept[next] = codes[at]!;
      places[next++] = column;
    }
    rowStarts[row + 1] = next;
  }
  packCodes(kept, bits, term.arrays.codes);
  writeScales(scale, scaleDtype, term.arrays.scale);
  writeScales(minimum, scaleDtype, term.arrays.minimum);
  if (layout.positions === "indices") {
    writeU32(rowStarts, term.arrays.rowStarts!);
    (indexDtype(columns) === "U16" ? writeU16 : writeU32)(places, term.arrays.columnIndices!);
    return term;
  }
  const bytes = packedByteLength(columns, 1);
  for (let row = 0; row < rows; row++) {
    packCodes(isSalient.subarray(row * columns, (row + 1) * columns), 1, term.arrays.positions!.subarray(row * bytes));
  }
  return term;
}
