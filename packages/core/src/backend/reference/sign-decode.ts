import { packedByteLength } from "../../bitpack/packed-byte-length.js";
import { unpackCodes } from "../../bitpack/unpack-codes.js";
import { checkDecode } from "../../terms/check-decode.js";
import { coveredColumns } from "../../terms/covered-columns.js";
import { groupCount } from "../../terms/granularity.js";
import { readU32 } from "../../terms/index-array.js";
import { readScales } from "../../terms/scale-array.js";
import { type SignLayout, zoneBits } from "../../terms/sign.js";
import type { Term } from "../../terms/term.js";

const { fround } = Math;

/** `target += scale[row, group, zone] · columnScale[column] · sign + mean[row, group, zone]` over the covered columns. */
export function signDecode(term: Term<SignLayout>, target: Float32Array): void {
  checkDecode(term, target);
  const { layout, arrays } = term;
  const { rows, groupSize, zones, scaleDtype } = layout;
  const covered = coveredColumns(layout);
  const groups = groupCount(covered, groupSize);
  const signBytes = packedByteLength(covered, 1);
  const zoneBytes = packedByteLength(covered, zoneBits(zones));
  const signs = new Uint8Array(covered);
  const zone = new Uint8Array(covered);
  const scale = readScales(arrays.scale, scaleDtype);
  const mean = layout.hasMean ? readScales(arrays.mean!, scaleDtype) : undefined;
  const columnScale = layout.hasColumnScale ? readScales(arrays.columnScale!, scaleDtype) : undefined;
  const columns = layout.coveredColumns === undefined ? undefined : readU32(arrays.columns!);
  for (let row = 0; row < rows; row++) {
    unpackCodes(arrays.signs.subarray(row * signBytes), 1, covered, signs);
    if (zones > 1) unpackCodes(arrays.zoneMap!.subarray(row * zoneBytes), zoneBits(zones), covered, zone);
    const scaleRow = layout.granularity === "tensor" ? 0 : row * groups;
    for (let i = 0; i < covered; i++) {
      const at = (scaleRow + Math.floor(i / groupSize)) * zones + Math.min(zone[i]!, zones - 1);
      const magnitude = columnScale ? fround(scale[at]! * columnScale[i]!) : scale[at]!;
      const signed = signs[i] ? magnitude : -magnitude;
      const column = columns ? columns[i]! : i;
      target[row * layout.columns + column]! += mean ? fround(signed + mean[at]!) : signed;
    }
  }
}
