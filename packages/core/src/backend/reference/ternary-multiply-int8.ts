import { tritByteLength, unpackTrits } from "../../bitpack/pack-trits.js";
import { groupCount } from "../../terms/granularity.js";
import { loadScale } from "../../terms/scale-array.js";
import type { Term } from "../../terms/term.js";
import type { TernaryLayout } from "../../terms/ternary.js";
import { checkMultiply } from "../check-multiply.js";
import { checkInt8Group, DIGIT_LIMIT } from "../int8-products.js";
import type { Int8Activations } from "../ops/multiply-ops.js";
import { addGroups, groupSums, tokenCodes } from "./int8-groups.js";

export function ternaryMultiplyInt8(term: Term<TernaryLayout>, x: Int8Activations, y: Float32Array): void {
  checkMultiply(term, x, y);
  const { rows, columns, packing, groupSize, granularity, scaleDtype } = term.layout;
  checkInt8Group("ternary", groupSize, DIGIT_LIMIT);
  const groups = groupCount(columns, groupSize);
  const rowBytes = tritByteLength(columns, packing);
  const digits = new Uint8Array(columns);
  for (let row = 0; row < rows; row++) {
    unpackTrits(term.arrays.digits.subarray(row * rowBytes), packing, digits);
    const scaleRow = granularity === "tensor" ? 0 : row;
    for (let token = 0; token < x.tokens; token++) {
      const sums = groupSums(digits, tokenCodes(x, token), groupSize);
      const scaled = Float32Array.from({ length: groups }, (_, group) => {
        const scale = loadScale(term.arrays.scale, scaleDtype, scaleRow * groups + group);
        return scale * Math.fround(sums.products[group]! - sums.activations[group]!);
      });
      addGroups(scaled, x, token, y, token * rows + row);
    }
  }
}
