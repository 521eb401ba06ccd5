import { packedByteLength, unpackCodes } from "../../bitpack/index.js";
import type { AffineLayout } from "../../terms/affine.js";
import { groupCount } from "../../terms/granularity.js";
import { loadScale } from "../../terms/scale-array.js";
import type { Term } from "../../terms/term.js";
import { checkMultiply } from "../check-multiply.js";
import { checkInt8Group } from "../int8-products.js";
import type { Int8Activations } from "../ops/multiply-ops.js";
import { addGroups, groupSums, tokenCodes } from "./int8-groups.js";

const { fround } = Math;

export function affineMultiplyInt8(term: Term<AffineLayout>, x: Int8Activations, y: Float32Array): void {
  checkMultiply(term, x, y);
  const { rows, columns, bits, groupSize, granularity } = term.layout;
  checkInt8Group("affine", groupSize, 2 ** bits - 1);
  const rowBytes = packedByteLength(columns, bits);
  const codes = new Uint8Array(columns);
  for (let row = 0; row < rows; row++) {
    unpackCodes(term.arrays.codes.subarray(row * rowBytes), bits, columns, codes);
    const scaled = groupScaling(term, granularity === "tensor" ? 0 : row);
    for (let token = 0; token < x.tokens; token++) {
      const sums = groupSums(codes, tokenCodes(x, token), groupSize);
      const products = Float32Array.from(sums.products, (product, group) =>
        scaled(group, product, sums.activations[group]!),
      );
      addGroups(products, x, token, y, token * rows + row);
    }
  }
}

/** Σ w · activation of a group, from Σ code · activation and Σ activation. */
type GroupScaling = (group: number, product: number, activation: number) => number;

function groupScaling({ layout, arrays }: Term<AffineLayout>, scaleRow: number): GroupScaling {
  const { bits, scaleDtype } = layout;
  const groups = groupCount(layout.columns, layout.groupSize);
  const load = (array: Uint8Array, group: number) => loadScale(array, scaleDtype, scaleRow * groups + group);
  const scale = (group: number) => load(arrays.scale, group);
  switch (layout.zero) {
    case "midpoint":
      return (group, product, activation) => fround(scale(group) * fround(product - 2 ** (bits - 1) * activation));
    case "integer": {
      const zeroPoint = new Uint8Array(groups);
      unpackCodes(arrays.zeroPoint!.subarray(scaleRow * packedByteLength(groups, bits)), bits, groups, zeroPoint);
      return (group, product, activation) => fround(scale(group) * fround(product - zeroPoint[group]! * activation));
    }
    case "float":
      return (group, product, activation) => {
        const zeros = fround(load(arrays.zeroPoint!, group) * fround(activation));
        return fround(scale(group) * fround(fround(product) - zeros));
      };
    case "minimum":
      return (group, product, activation) => {
        const minimums = fround(load(arrays.minimum!, group) * fround(activation));
        return fround(fround(scale(group) * fround(product)) + minimums);
      };
  }
}
