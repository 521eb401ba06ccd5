import { packCodes } from "../bitpack/pack-codes.js";
import { packedByteLength } from "../bitpack/packed-byte-length.js";
import { largestTransformSize } from "../linalg/hadamard.js";
import { hadamardMatrix, hadamardOrder } from "../linalg/hadamard-matrix.js";
import type { InputTransform } from "../terms/input-transform.js";
import type { HadamardLayout } from "../terms/transforms/hadamard.js";

/**
 * The widest Hadamard rotation for inputs of a length: over all columns where `hadamardOrder` knows a matrix, else in spans of
 * the largest power of two that divides them. undefined for odd lengths, which no rotation tiles.
 */
export function rotationLayout(columns: number): HadamardLayout | undefined {
  const order = hadamardOrder(columns);
  if (order !== undefined && columns > 1) {
    return { kind: "hadamard", columns, size: columns, ...(order > 1 && { order }) };
  }
  const size = largestTransformSize(columns);
  return size > 1 ? { kind: "hadamard", columns, size } : undefined;
}

/**
 * The transform of a layout with random signs.
 * @param random uniform numbers in [0, 1), one for each column
 */
export function rotatedInput(layout: HadamardLayout, random: () => number): InputTransform {
  const signs = new Uint8Array(packedByteLength(layout.columns, 1));
  packCodes(
    Uint8Array.from({ length: layout.columns }, () => (random() < 0.5 ? 0 : 1)),
    1,
    signs,
  );
  const { order } = layout;
  return { layout, arrays: { signs, ...(order !== undefined && { core: packedCore(order) }) } };
}

function packedCore(order: number): Uint8Array {
  const rowBytes = packedByteLength(order, 1);
  const packed = new Uint8Array(order * rowBytes);
  const positive = Uint8Array.from(hadamardMatrix(order)!, (sign) => (sign > 0 ? 1 : 0));
  for (let row = 0; row < order; row++) {
    packCodes(positive.subarray(row * order, (row + 1) * order), 1, packed.subarray(row * rowBytes));
  }
  return packed;
}
