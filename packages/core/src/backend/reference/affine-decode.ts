import { packedByteLength } from "../../bitpack/packed-byte-length.js";
import { unpackCodes } from "../../bitpack/unpack-codes.js";
import type { AffineLayout } from "../../terms/affine.js";
import { checkDecode } from "../../terms/check-decode.js";
import { groupCount } from "../../terms/granularity.js";
import { readScales } from "../../terms/scale-array.js";
import type { Term } from "../../terms/term.js";

const { fround } = Math;

/** `target += scale · (code − zeroPoint)`, or `scale · code + minimum`; see `AffineLayout`. */
export function affineDecode(term: Term<AffineLayout>, target: Float32Array): void {
  checkDecode(term, target);
  const { layout, arrays } = term;
  const { rows, columns, bits, groupSize, zero, scaleDtype } = layout;
  const groups = groupCount(columns, groupSize);
  const rowBytes = packedByteLength(columns, bits);
  const codes = new Uint8Array(columns);
  const scale = readScales(arrays.scale, scaleDtype);
  const minimum = zero === "minimum" ? readScales(arrays.minimum!, scaleDtype) : undefined;
  const zeroPoint = zeroPoints(term, groups);
  for (let row = 0; row < rows; row++) {
    unpackCodes(arrays.codes.subarray(row * rowBytes), bits, columns, codes);
    const scaleRow = layout.granularity === "tensor" ? 0 : row * groups;
    for (let column = 0; column < columns; column++) {
      const group = scaleRow + Math.floor(column / groupSize);
      const value = minimum
        ? fround(fround(scale[group]! * codes[column]!) + minimum[group]!)
        : fround(scale[group]! * fround(codes[column]! - zeroPoint(group)));
      target[row * columns + column]! += value;
    }
  }
}

/** The zero point of group `index`, counted over all rows. */
function zeroPoints({ layout, arrays }: Term<AffineLayout>, groups: number): (index: number) => number {
  const { bits, zero, scaleDtype } = layout;
  if (zero === "float") {
    const values = readScales(arrays.zeroPoint!, scaleDtype);
    return (index) => values[index]!;
  }
  if (zero === "integer") {
    const rowBytes = packedByteLength(groups, bits);
    const rows = arrays.zeroPoint!.byteLength / rowBytes;
    const values = new Uint8Array(rows * groups);
    for (let row = 0; row < rows; row++) {
      unpackCodes(arrays.zeroPoint!.subarray(row * rowBytes), bits, groups, values.subarray(row * groups));
    }
    return (index) => values[index]!;
  }
  return () => 2 ** (bits - 1);
}
