import { packedByteLength } from "../bitpack/packed-byte-length.js";
import { unpackCodes } from "../bitpack/unpack-codes.js";
import { writeU16, writeU32 } from "./index-array.js";
import { type MaskedLayout, maskedRowStarts } from "./masked.js";
import { loadScale, writeScales } from "./scale-array.js";
import { indexDtype, type SparseLayout } from "./sparse.js";
import type { Term } from "./term.js";

const { fround } = Math;

/** The layout that ops take in place of a masked term. */
export function maskedAsSparse({ rows, columns, count }: MaskedLayout): SparseLayout {
  return { kind: "sparse", rows, columns, count, indexDtype: indexDtype(columns), valueDtype: "F32" };
}

/** The sparse term with the decoded values in F32. */
export function expandMasked(term: Term<MaskedLayout>): Term<SparseLayout> {
  const { layout, arrays } = term;
  const { rows, columns, count, bits, scaleDtype } = layout;
  const starts = maskedRowStarts(term);
  const codes = new Uint8Array(count);
  unpackCodes(arrays.codes, bits, count, codes);
  const values = new Float32Array(count);
  for (let row = 0; row < rows; row++) {
    const scale = loadScale(arrays.scale, scaleDtype, row);
    const minimum = loadScale(arrays.minimum, scaleDtype, row);
    for (let at = starts[row]!; at < starts[row + 1]!; at++) values[at] = fround(scale * codes[at]!) + minimum;
  }
  const sparse = maskedAsSparse(layout);
  const rowStarts = new Uint8Array(4 * starts.length);
  writeU32(starts, rowStarts);
  const bytes = new Uint8Array(4 * count);
  writeScales(values, "F32", bytes);
  const columnIndices =
    layout.positions === "indices" ? arrays.columnIndices! : markedColumns(arrays.positions!, rows, columns, count);
  return { layout: sparse, arrays: { rowStarts, columnIndices, values: bytes } };
}

/** Column of every marked weight, row after row, as an index array. */
function markedColumns(bitmap: Uint8Array, rows: number, columns: number, count: number): Uint8Array {
  const rowBytes = packedByteLength(columns, 1);
  const indices = new Uint32Array(count);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if ((bitmap[row * rowBytes + (column >> 3)]! >> (column & 7)) & 1) indices[at++] = column;
    }
  }
  const isShort = indexDtype(columns) === "U16";
  const bytes = new Uint8Array((isShort ? 2 : 4) * count);
  (isShort ? writeU16 : writeU32)(indices, bytes);
  return bytes;
}
