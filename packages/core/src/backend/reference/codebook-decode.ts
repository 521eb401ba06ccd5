import { packedByteLength } from "../../bitpack/packed-byte-length.js";
import { unpackCodes } from "../../bitpack/unpack-codes.js";
import { checkDecode } from "../../terms/check-decode.js";
import type { CodebookLayout } from "../../terms/codebook.js";
import { groupCount } from "../../terms/granularity.js";
import { readScales } from "../../terms/scale-array.js";
import type { Term } from "../../terms/term.js";

/** `target += scale · table[code]`. */
export function codebookDecode(term: Term<CodebookLayout>, target: Float32Array): void {
  checkDecode(term, target);
  const { layout, arrays } = term;
  const { rows, columns, bits, groupSize, scaleDtype } = layout;
  const groups = groupCount(columns, groupSize);
  const rowBytes = packedByteLength(columns, bits);
  const codes = new Uint8Array(columns);
  const scale = readScales(arrays.scale, scaleDtype);
  const table = readScales(arrays.table, "F32");
  for (let row = 0; row < rows; row++) {
    unpackCodes(arrays.codes.subarray(row * rowBytes), bits, columns, codes);
    const scaleRow = layout.granularity === "tensor" ? 0 : row * groups;
    for (let column = 0; column < columns; column++) {
      const group = scaleRow + Math.floor(column / groupSize);
      target[row * columns + column]! += Math.fround(scale[group]! * table[codes[column]!]!);
    }
  }
}
