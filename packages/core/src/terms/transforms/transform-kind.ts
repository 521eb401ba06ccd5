import type { KernelBackend } from "../../backend/kernel-backend.js";
import type { RowBlock } from "../../tensor/row-block.js";
import type { TermArraySpec } from "../term.js";

export type TransformArrays = Readonly<Record<string, Uint8Array>>;

/** Everything that the rest of lowbit needs to know about one kind of input transform T. Blocks are changed in place. */
export interface TransformKindEntry<L> {
  /** @throws `terms/invalid-field`, `terms/missing-field`, `terms/unknown-field` */
  validate(layout: L): void;
  arrays(layout: L): readonly TermArraySpec[];
  /** @throws `terms/invalid-array` when the contents make no transform (a permutation that names a column twice). */
  check(layout: L, arrays: TransformArrays): void;
  /** x ← T(x) for every row of activations. */
  apply(layout: L, arrays: TransformArrays, x: RowBlock, backend: KernelBackend): void;
  /** x ← T⁻¹(x) for every row of activations. */
  undo(layout: L, arrays: TransformArrays, x: RowBlock, backend: KernelBackend): void;
  /** w ← w · T⁻¹ for every row of weights. */
  intoWeights(layout: L, arrays: TransformArrays, w: RowBlock, backend: KernelBackend): void;
  /** w ← w · T for every row of weights. */
  outOfWeights(layout: L, arrays: TransformArrays, w: RowBlock, backend: KernelBackend): void;
  describe(layout: L): string;
}
