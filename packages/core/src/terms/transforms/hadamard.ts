import { packedByteLength } from "../../bitpack/packed-byte-length.js";
import { unpackCodes } from "../../bitpack/unpack-codes.js";
import { LowbitError } from "../../errors/lowbit-error.js";
import type { RowBlock } from "../../tensor/row-block.js";
import { checkTransformFields, MAX_DIMENSION } from "../layout-fields.js";
import type { TransformArrays, TransformKindEntry } from "./transform-kind.js";

/**
 * A signed Hadamard rotation, `T(x) = H · (s ∘ x)` in every span of `size` consecutive columns; H is the orthonormal
 * Walsh–Hadamard matrix in natural order, s are signs. Array: signs U8 [ceil(columns/8)], lowest bit first, 1 is +1.
 */
export interface HadamardLayout {
  readonly kind: "hadamard";
  readonly columns: number;
  /** Columns that one rotation mixes: a power of two that divides `columns`. */
  readonly size: number;
}

export const hadamardTransform: TransformKindEntry<HadamardLayout> = {
  validate(layout) {
    checkTransformFields(layout, { size: { type: "integer", minimum: 2, maximum: MAX_DIMENSION } });
    if (2 ** Math.round(Math.log2(layout.size)) === layout.size && layout.columns % layout.size === 0) return;
    throw new LowbitError(
      "terms/invalid-field",
      `Field "size" of a hadamard transform is ${layout.size}; it must be a power of two that divides ${layout.columns} columns.`,
      { kind: "hadamard", field: "size", found: layout.size, columns: layout.columns },
    );
  },
  arrays: (layout) => [{ name: "signs", dtype: "U8", shape: [packedByteLength(layout.columns, 1)], perRow: false }],
  check() {},
  apply(layout, arrays, x, backend) {
    flipSigns(x, arrays);
    backend.walshHadamard(x, layout.size);
  },
  undo(layout, arrays, x, backend) {
    backend.walshHadamard(x, layout.size);
    flipSigns(x, arrays);
  },
  // w · T⁻¹ = w · diag(s) · H, because H is its own inverse: the same steps as for x.
  intoWeights(layout, arrays, w, backend) {
    flipSigns(w, arrays);
    backend.walshHadamard(w, layout.size);
  },
  outOfWeights(layout, arrays, w, backend) {
    backend.walshHadamard(w, layout.size);
    flipSigns(w, arrays);
  },
  describe: (layout) => `hadamard ${layout.size}`,
};

function flipSigns({ values, rows, columns }: RowBlock, arrays: TransformArrays): void {
  const positive = new Uint8Array(columns);
  unpackCodes(arrays["signs"]!, 1, columns, positive);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < columns; c++) if (!positive[c]) values[row * columns + c]! *= -1;
  }
}
