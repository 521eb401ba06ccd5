import { packedByteLength, unpackCodes } from "../../bitpack/index.js";
import type { AffineLayout } from "../../terms/affine.js";
import { groupCount } from "../../terms/granularity.js";
import { loadScale } from "../../terms/scale-array.js";
import type { Term } from "../../terms/term.js";
import { checkInt8Group } from "../int8-products.js";
import type { Int8Activations } from "../ops/multiply-ops.js";
import { addGroups, groupSums, tokenCodes } from "./int8-groups.js";

const { fround } = Math;

export function affineMultiplyInt8(term: Term<AffineLayout>, x: Int8Activations, y: Float32Array): void {
  const { rows, columns, bits, groupSize, granularity, scaleDtype } = term.layout;
  checkInt8Group("affine", groupSize, 2 ** bits - 1);
  const groups = groupCount(columns, groupSize);
  const rowBytes = packedByteLength(columns, bits);
  const codes = new Uint8Array(columns);
  for (let row = 0; row < rows; row++) {
    unpackCodes(term.arrays.codes.subarray(row * rowBytes), bits, columns, codes);
    const scaleRow = granularity === "tensor" ? 0 : row;
    for (let token = 0; token < x.tokens; token++) {
      const sums = groupSums(codes, tokenCodes(x, token), groupSize);
      const scaled = Float32Array.from({ length: groups }, (_, group) => {
        const scale = loadScale(term.arrays.scale, scaleDtype, scaleRow * groups + group);
        return scaledGroup(term, scaleRow, group, scale, sums.products[group]!, sums.activations[group]!);
      });
      addGroups(scaled, x, token, y, token * rows + row);
    }
  }
}

/** Σ w · activation of one group, from Σ code · activation and Σ activation. */
function scaledGroup(
  { layout, arrays }: Term<AffineLayout>,
  scaleRow: number,
  group: number,
  scale: number,
  product: number,
  activation: number,
): number {
  const groups = groupCount(layout.columns, layout.groupSize);
  const at = scaleRow * groups + group;
  switch (layout.zero) {
    case "midpoint":
      return fround(scale * fround(product - 2 ** (layout.bits - 1) * activation));
    case "integer": {
      const zeroPoints = new Uint8Array(groups);
      const rowBytes = packedByteLength(groups, layout.bits);
      unpackCodes(arrays.zeroPoint!.subarray(scaleRow * rowBytes), layout.bits, groups, zeroPoints);
      return fround(scale * fround(product - zeroPoints[group]! * activation));
    }
    case "float": {
      const zeroPoint = loadScale(arrays.zeroPoint!, layout.scaleDtype, at);
      return fround(scale * fround(fround(product) - fround(zeroPoint * fround(activation))));
    }
    case "minimum": {
      const minimum = loadScale(arrays.minimum!, layout.scaleDtype, at);
      return fround(fround(scale * fround(product)) + fround(minimum * fround(activation)));
    }
  }
}
