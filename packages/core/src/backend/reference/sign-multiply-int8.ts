import { packedByteLength, unpackCodes } from "../../bitpack/index.js";
import { groupCount } from "../../terms/granularity.js";
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

  const { rows, columns, zones, hasMean, groupSize, granularity, scaleDtype } = term.layout;
  checkInt8Group("sign", groupSize, 1);
  const groups = groupCount(columns, groupSize);
  const bits = new Uint8Array(columns);
  const zone = new Uint8Array(columns);
  for (let row = 0; row < rows; row++) {
    unpackCodes(term.arrays.signs.subarray(row * packedByteLength(columns, 1)), 1, columns, bits);
    if (zones > 1) {
      const rowBytes = packedByteLength(columns, zoneBits(zones));
      unpackCodes(term.arrays.zoneMap!.subarray(row * rowBytes), zoneBits(zones), columns, zone);
    }
    const scaleRow = granularity === "tensor" ? 0 : row;
    for (let token = 0; token < x.tokens; token++) {
      const activations = tokenCodes(x, token);
      const scaled = new Float32Array(groups * zones);
      for (let z = 0; z < zones; z++) {
        const inZone = activations.map((activation, column) =>
          Math.min(zone[column]!, zones - 1) === z ? activation : 0,
        );
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
