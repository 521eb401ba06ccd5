import { packedByteLength } from "../../bitpack/packed-byte-length.js";
import { unpackCodes } from "../../bitpack/unpack-codes.js";
import { checkDecode } from "../../terms/check-decode.js";
import { groupCount } from "../../terms/granularity.js";
import { readScales } from "../../terms/scale-array.js";
import { type SignLayout, zoneBits } from "../../terms/sign.js";
import type { Term } from "../../terms/term.js";

const { fround } = Math;

/** `target += scale[row, group, zone] · columnScale[column] · sign + mean[row, group, zone]`. */
export function signDecode(term: Term<SignLayout>, target: Float32Array): void {
  checkDecode(term, target);
  const { layout, arrays } = term;
  const { rows, columns, groupSize, zones, scaleDtype } = layout;
  const groups = groupCount(columns, groupSize);
  const signBytes = packedByteLength(columns, 1);
  const zoneBytes = packedByteLength(columns, zoneBits(zones));
  const signs = new Uint8Array(columns);
  const zone = new Uint8Array(columns);
  const scale = readScales(arrays.scale, scaleDtype);
  const mean = layout.hasMean ? readScales(arrays.mean!, scaleDtype) : undefined;
  const columnScale = layout.hasColumnScale ? readScales(arrays.columnScale!, scaleDtype) : undefined;
  for (let row = 0; row < rows; row++) {
    unpackCodes(arrays.signs.subarray(row * signBytes), 1, columns, signs);
    if (zones > 1) unpackCodes(arrays.zoneMap!.subarray(row * zoneBytes), zoneBits(zones), columns, zone);
    const scaleRow = layout.granularity === "tensor" ? 0 : row * groups;
    for (let column = 0; column < columns; column++) {
      const at = (scaleRow + Math.floor(column / groupSize)) * zones + Math.min(zone[column]!, zones - 1);
      const magnitude = columnScale ? fround(scale[at]! * columnScale[column]!) : scale[at]!;
      const signed = signs[column] ? magnitude : -magnitude;
      target[row * columns + column]! += mean ? fround(signed + mean[at]!) : signed;
    }
  }
}
