import { packedByteLength } from "../../bitpack/packed-byte-length.js";
import { unpackCodes } from "../../bitpack/unpack-codes.js";
import { LowbitError } from "../../errors/lowbit-error.js";
import type { RowBlock } from "../../tensor/row-block.js";
import { checkTransformFields, MAX_DIMENSION } from "../layout-fields.js";
import { checkOrthogonal, crossWithCore } from "./hadamard-core.js";
import type { TransformArrays, TransformKindEntry } from "./transform-kind.js";

/**
 * A signed Hadamard rotation, `T(x) = (s ∘ x) · H` in every span of `size` consecutive columns, x as a row; s are signs.
 * Without `order` H is the orthonormal Walsh–Hadamard matrix in natural order. With it H = (core / √order) ⊗ W, W the
 * Walsh–Hadamard matrix of size / order: sizes that are no power of two.
 *
 * Arrays: signs U8 [ceil(columns/8)], lowest bit first, 1 is +1; with `order` core U8 [order, ceil(order/8)] alike.
 */
export interface HadamardLayout {
  readonly kind: "hadamard";
  readonly columns: number;
  /** Columns that one rotation mixes: a power of two, times `order` where there is one, that divides `columns`. */
  readonly size: number;
  /** Of the core, a stored Hadamard matrix: a multiple of 4. */
  readonly order?: number;
}

/** Largest order of a core: its check and its products stay small beside those of the layer. */
const LARGEST_ORDER = 512;

export const hadamardTransform: TransformKindEntry<HadamardLayout> = {
  validate(layout) {
    const { columns, size, order = 1 } = layout;
    checkTransformFields(layout, {
      size: { type: "integer", minimum: 2, maximum: MAX_DIMENSION },
      order: { type: "integer", minimum: 4, maximum: LARGEST_ORDER, optional: true },
    });
    if (order > 1 && order % 4 !== 0) throw invalid("order", order, "a multiple of 4", columns);
    if (isPowerOfTwo(size / order) && columns % size === 0) return;
    const factor = order === 1 ? "a power of two" : `${order} times a power of two`;
    throw invalid("size", size, `${factor} that divides ${columns} columns`, columns);
  },
  arrays: ({ columns, order }) => [
    { name: "signs", dtype: "U8", shape: [packedByteLength(columns, 1)], perRow: false },
    ...(order === undefined
      ? []
      : [{ name: "core", dtype: "U8" as const, shape: [order, packedByteLength(order, 1)], perRow: false }]),
  ],
  check({ order }, arrays) {
    if (order !== undefined) checkOrthogonal(arrays["core"]!, order);
  },
  apply(layout, arrays, x, backend) {
    flipSigns(x, arrays);
    backend.walshHadamard(x, layout.size / (layout.order ?? 1));
    cross(layout, arrays, x, false);
  },
  undo(layout, arrays, x, backend) {
    cross(layout, arrays, x, true);
    backend.walshHadamard(x, layout.size / (layout.order ?? 1));
    flipSigns(x, arrays);
  },
  // w · T⁻¹ = (s ∘ w) · H, because H is orthogonal: the same steps as for x.
  intoWeights: (layout, arrays, w, backend) => hadamardTransform.apply(layout, arrays, w, backend),
  outOfWeights: (layout, arrays, w, backend) => hadamardTransform.undo(layout, arrays, w, backend),
  describe: ({ size, order = 1 }) => (order === 1 ? `hadamard ${size}` : `hadamard ${order}·${size / order}`),
};

function cross({ size, order }: HadamardLayout, arrays: TransformArrays, x: RowBlock, isTransposed: boolean): void {
  if (order !== undefined) crossWithCore(x.values, { core: arrays["core"]!, order, size, isTransposed });
}

function invalid(field: string, found: number, allowed: string, columns: number): LowbitError {
  return new LowbitError(
    "terms/invalid-field",
    `Field "${field}" of a hadamard transform is ${found}; it must be ${allowed}.`,
    { kind: "hadamard", field, found, columns },
  );
}

function isPowerOfTwo(size: number): boolean {
  return Number.isInteger(size) && size >= 1 && 2 ** Math.round(Math.log2(size)) === size;
}

function flipSigns({ values, rows, columns }: RowBlock, arrays: TransformArrays): void {
  const positive = new Uint8Array(columns);
  unpackCodes(arrays["signs"]!, 1, columns, positive);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < columns; c++) if (!positive[c]) values[row * columns + c]! *= -1;
  }
}
