import type { RowBlock } from "../../tensor/row-block.js";

export interface TransformOps {
  /**
   * Orthonormal Walsh–Hadamard transform of consecutive spans of `size` (a power of two) in every row, in place:
   * butterflies (a, b) → (a + b, a − b) of distance 1, 2, 4 … size/2 in f32, then one multiplication by f32(1/√size).
   * @throws `backend/transform-size` when size is no power of two or does not divide the columns.
   */
  walshHadamard(block: RowBlock, size: number): void;
}
