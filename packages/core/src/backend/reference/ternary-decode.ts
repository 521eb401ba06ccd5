import { tritByteLength, unpackTrits } from "../../bitpack/pack-trits.js";
import { checkDecode } from "../../terms/check-decode.js";
import { groupCount } from "../../terms/granularity.js";
import { readScales } from "../../terms/scale-array.js";
import type { Term } from "../../terms/term.js";
import type { TernaryLayout } from "../../terms/ternary.js";

/** `target += scale · (digit − 1)`. */
export function ternaryDecode(term: Term<TernaryLayout>, target: Float32Array): void {
  checkDecode(term, target);
  const { layout, arrays } = term;
  const { rows, columns, groupSize, packing, scaleDtype } = layout;
  const groups = groupCount(columns, groupSize);
  const rowBytes = tritByteLength(columns, packing);
  const digits = new Uint8Array(columns);
  const scale = readScales(arrays.scale, scaleDtype);
  for (let row = 0; row < rows; row++) {
    unpackTrits(arrays.digits.subarray(row * rowBytes), packing, digits);
    const scaleRow = layout.granularity === "tensor" ? 0 : row * groups;
    for (let column = 0; column < columns; column++) {
      const group = scaleRow + Math.floor(column / groupSize);
      target[row * columns + column]! += Math.fround(scale[group]! * (digits[column]! - 1));
    }
  }
}
