import { packedByteLength, unpackCodes } from "../../bitpack/index.js";
import { coveredColumns } from "../../terms/covered-columns.js";
import { groupCount } from "../../terms/granularity.js";
import { readU32 } from "../../terms/index-array.js";
import { loadScale } from "../../terms/scale-array.js";
import { type SignLayout, zoneBits } from "../../terms/sign.js";
import type { Term } from "../../terms/term.js";
import { checkMultiply } from "../check-multiply.js";
import { checkInt8Group, dequantizedActivations } from "../int8-products.js";
import type { Int8Activations } from "../ops/multiply-ops.js";
import { addGroups, groupSums, tokenCodes } from "./int8-groups.js";
import { signMultiply } from "./sign-multiply.js";

const { fround } = Math;

export function signMultiplyInt8(term: Term<SignLayout>, x: Int8Activations, y: Float32Array): void {
  checkMultiply(term, x, y);
  // A factor a column leaves nothing that is an integer.
  if (term.layout.hasColumnScale) {
    signMultiply(term, dequantizedActivations(x), y);
    return;
  }

  const { rows, zones, hasMean, groupSize, granularity, scaleDtype } = term.layout;
  checkInt8Group("sign", groupSize, 1);
  const covered = coveredColumns(term.layout);
  const groups = groupCount(covered, groupSize);
  const bits = new Uint8Array(covered);
  const zone = new Uint8Array(covered);
  for (let row = 0; row < rows; row++) {
    unpackCodes(term.arrays.signs.subarray(row * packedByteLength(covered, 1)), 1, covered, bits);
    if (zones > 1) {
      const rowBytes = packedByteLength(covered, zoneBits(zones));
      unpackCodes(term.arrays.zoneMap!.subarray(row * rowBytes), zoneBits(zones), covered, zone);
    }
    const scaleRow = granularity === "tensor" ? 0 : row;
    for (let token = 0; token < x.tokens; token++) {
      const activations = coveredActivations(term, x, token);
      const scaled = new Float32Array(groups * zones);
      for (let z = 0; z < zones; z++) {
        const inZone = activations.map((activation, column) => (zone[column] === z ? activation : 0));
        const sums = groupSums(bits, inZone, groupSize);
        for (let group = 0; group < groups; group++) {
          const at = group * zones + z;
          const scale = loadScale(term.arrays.scale, scaleDtype, scaleRow * groups * zones + at);
          const product = 2 * sums.products[group]! - sums.activations[group]!;
          scaled[at] = scale * fround(product);
          if (hasMean) {
            const mean = loadScale(term.arrays.mean!, scaleDtype, scaleRow * groups * zones + at);
            scaled[at]! += fround(mean * fround(sums.activations[group]!));
          }
        }
      }
      addGroups(scaled, x, token, y, token * rows + row);
    }
  }
}

function coveredActivations({ arrays }: Term<SignLayout>, x: Int8Activations, token: number): Int8Array {
  const codes = tokenCodes(x, token);
  return arrays.columns === undefined ? codes : Int8Array.from(readU32(arrays.columns), (column) => codes[column]!);
}
