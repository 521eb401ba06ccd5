import type { KernelBackend } from "../../backend/kernel-backend.js";
import { allocateRowStatistics } from "../../backend/statistics-arrays.js";
import { packedByteLength } from "../../bitpack/packed-byte-length.js";
import type { MatrixShape, RowBlock } from "../../tensor/row-block.js";
import { storeScale } from "../../terms/scale-array.js";
import type { SignLayout } from "../../terms/sign.js";
import type { ScaleDtype, Term } from "../../terms/term.js";

/** Mean (0 without one) and scale of one term for the whole tensor, as stored. */
export interface TensorScale {
  readonly mean: number;
  readonly scale: number;
}

/** Survey of `binary` with one scale a tensor: one pass a scale, and one before it a mean. */
export interface TensorScales {
  /** Weights of the tensor. */
  readonly count: number;
  /** The terms that are known. */
  readonly found: readonly TensorScale[];
  /** The mean of the next term, once its pass is over. */
  readonly mean?: number;
}

interface TensorScaleOptions {
  readonly order: number;
  readonly mean: boolean;
  readonly scaleDtype: ScaleDtype;
}

export function tensorScalePasses({ order, mean }: TensorScaleOptions): number {
  return mean ? 2 * order : order;
}

export function beginTensorScales(shape: MatrixShape): TensorScales {
  return { count: shape.rows * shape.columns, found: [] };
}

/** Σ w, or Σ |w − mean|, of what the known terms leave of a block; f64, row by row. */
export function lookForTensorScales(
  state: TensorScales,
  block: RowBlock,
  options: TensorScaleOptions,
  backend: KernelBackend,
): number {
  for (const known of state.found) subtract(block, known, backend);
  if (options.mean && state.mean === undefined) {
    const statistics = allocateRowStatistics(block.rows);
    backend.rowStatistics(block, statistics);
    return sum(statistics.sum);
  }
  const { mean = 0 } = state;
  for (let i = 0; mean !== 0 && i < block.values.length; i++) block.values[i]! -= mean;
  const rowSums = new Float64Array(block.rows);
  backend.absRowSums(block, new Float64Array(block.columns).fill(1), rowSums);
  return sum(rowSums);
}

export function foldTensorScales(
  state: TensorScales,
  partials: readonly number[],
  options: TensorScaleOptions,
): TensorScales {
  const { count, found } = state;
  const total = partials.reduce((joined, partial) => joined + partial, 0);
  const average = stored(count === 0 ? 0 : Math.fround(total / count), options.scaleDtype);
  if (options.mean && state.mean === undefined) return { count, found, mean: average };
  return { count, found: [...found, { mean: state.mean ?? 0, scale: average }] };
}

/** Writes the surveyed scales and the signs of a block. */
export function encodeWithTensorScales(
  block: RowBlock,
  terms: readonly Term<SignLayout>[],
  { found }: TensorScales,
  backend: KernelBackend,
): void {
  terms.forEach((term, i) => {
    const { layout, arrays } = term;
    storeScale(arrays.scale, layout.scaleDtype, 0, found[i]!.scale);
    if (arrays.mean) storeScale(arrays.mean, layout.scaleDtype, 0, found[i]!.mean);
    backend.signEncode(block, term);
    if (i + 1 < terms.length) subtractSigns(block, arrays.signs, found[i]!, backend);
  });
}

function subtract(block: RowBlock, known: TensorScale, backend: KernelBackend): void {
  const signs = new Uint8Array(block.rows * packedByteLength(block.columns, 1));
  backend.signEncode(block, tensorTerm(block, signs, known.scale, known.mean));
  subtractSigns(block, signs, known, backend);
}

/** Adds the term with scale and mean negated, which rounds as a subtraction does. */
function subtractSigns(block: RowBlock, signs: Uint8Array, known: TensorScale, backend: KernelBackend): void {
  backend.signDecode(tensorTerm(block, signs, -known.scale, -known.mean), block.values);
}

function tensorTerm(block: RowBlock, signs: Uint8Array, scale: number, mean: number): Term<SignLayout> {
  return {
    layout: {
      kind: "sign",
      rows: block.rows,
      columns: block.columns,
      granularity: "tensor",
      groupSize: block.columns,
      zones: 1,
      hasMean: true,
      hasColumnScale: false,
      scaleDtype: "F32",
    },
    arrays: { signs, scale: f32Bytes(scale), mean: f32Bytes(mean) },
  };
}

function f32Bytes(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  storeScale(bytes, "F32", 0, value);
  return bytes;
}

/** The value as the storage dtype holds it. */
function stored(value: number, dtype: ScaleDtype): number {
  return storeScale(new Uint8Array(4), dtype, 0, value);
}

function sum(values: Float64Array): number {
  return values.reduce((joined, value) => joined + value, 0);
}
