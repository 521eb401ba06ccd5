import { LowbitError } from "../../errors/lowbit-error.js";
import type { RowBlock } from "../../tensor/row-block.js";
import { readU32 } from "../index-array.js";
import { checkTransformFields } from "../layout-fields.js";
import type { TransformKindEntry } from "./transform-kind.js";

/** `T(x)[c] = x[indices[c]]`: input features in another order. Array: indices U32 [columns]. */
export interface PermutationLayout {
  readonly kind: "permutation";
  readonly columns: number;
}

export const permutationTransform: TransformKindEntry<PermutationLayout> = {
  validate: (layout) => checkTransformFields(layout, {}),
  arrays: (layout) => [{ name: "indices", dtype: "U32", shape: [layout.columns], perRow: false }],
  check(layout, arrays) {
    const seen = new Uint8Array(layout.columns);
    for (const index of readU32(arrays["indices"]!)) {
      if (index >= layout.columns || seen[index]) {
        throw new LowbitError(
          "terms/invalid-array",
          `Array "indices" of the permutation of ${layout.columns} columns names column ${index}${index < layout.columns ? " twice" : ""}.`,
          { kind: "permutation", array: "indices", found: index, columns: layout.columns },
        );
      }
      seen[index] = 1;
    }
  },
  apply: (_, arrays, x) => gather(x, readU32(arrays["indices"]!)),
  undo: (_, arrays, x) => scatter(x, readU32(arrays["indices"]!)),
  intoWeights: (_, arrays, w) => gather(w, readU32(arrays["indices"]!)),
  outOfWeights: (_, arrays, w) => scatter(w, readU32(arrays["indices"]!)),
  describe: () => "permutation",
};

function gather({ values, rows, columns }: RowBlock, indices: Uint32Array): void {
  const source = new Float32Array(columns);
  for (let start = 0; start < rows * columns; start += columns) {
    source.set(values.subarray(start, start + columns));
    for (let c = 0; c < columns; c++) values[start + c] = source[indices[c]!]!;
  }
}

function scatter({ values, rows, columns }: RowBlock, indices: Uint32Array): void {
  const source = new Float32Array(columns);
  for (let start = 0; start < rows * columns; start += columns) {
    source.set(values.subarray(start, start + columns));
    for (let c = 0; c < columns; c++) values[start + indices[c]!] = source[c]!;
  }
}
