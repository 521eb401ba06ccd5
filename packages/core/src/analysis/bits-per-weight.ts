import { DTYPES, type Dtype } from "../dtype/dtype-table.js";
import { LowbitError } from "../errors/index.js";
import { elementCount } from "../tensor/matrix-shape.js";
import { storedByteLength } from "../terms/bits-per-weight.js";
import type { TransformLayout } from "../terms/input-transform.js";
import type { TermLayout } from "../terms/term.js";

/** What one logical weight costs. */
export interface WeightSize {
  /** Number of weights. */
  readonly weights: number;
  /** Every byte that the file spends on them: codes, scales, masks, tables. */
  readonly storedBytes: number;
  /** Bits per weight by the paper's own rule; the stored ones for tensors that are kept. */
  readonly claimedBitsPerWeight: number;
  readonly isQuantized: boolean;
}

/** A quantized weight: the arrays of its terms and input transforms. */
export function quantizedSize(
  shape: readonly number[],
  terms: readonly TermLayout[],
  claimedBitsPerWeight: number,
  transforms: readonly TransformLayout[] = [],
): WeightSize {
  const storedBytes = storedByteLength(terms, transforms);
  return { weights: elementCount(shape), storedBytes, claimedBitsPerWeight, isQuantized: true };
}

/** A tensor that stays as it is. */
export function keptSize(shape: readonly number[], dtype: Dtype): WeightSize {
  const weights = elementCount(shape);
  const { bits } = DTYPES[dtype];
  return { weights, storedBytes: (weights * bits) / 8, claimedBitsPerWeight: bits, isQuantized: false };
}

/** Totals of a group of weights. */
export interface SizeTotal {
  readonly tensors: number;
  readonly weights: number;
  readonly storedBytes: number;
  /** storedBytes · 8 / weights; 0 without weights. */
  readonly storedBitsPerWeight: number;
  /** Mean of the claims, each with the number of its weights. */
  readonly claimedBitsPerWeight: number;
}

export interface ModelSize {
  readonly quantized: SizeTotal;
  readonly kept: SizeTotal;
  readonly all: SizeTotal;
}

/** The one function behind every size that lowbit prints. */
export function modelSize(sizes: readonly WeightSize[]): ModelSize {
  return {
    quantized: total(sizes.filter((size) => size.isQuantized)),
    kept: total(sizes.filter((size) => !size.isQuantized)),
    all: total(sizes),
  };
}

export function bitsPerWeight(storedBytes: number, weights: number): number {
  if (weights < 0 || storedBytes < 0) {
    throw new LowbitError("analysis/invalid-option", `${storedBytes} bytes for ${weights} weights is not possible.`, {
      storedBytes,
      weights,
    });
  }
  return weights === 0 ? 0 : (storedBytes * 8) / weights;
}

function total(sizes: readonly WeightSize[]): SizeTotal {
  const weights = sizes.reduce((sum, size) => sum + size.weights, 0);
  const storedBytes = sizes.reduce((sum, size) => sum + size.storedBytes, 0);
  const claimedBits = sizes.reduce((sum, size) => sum + size.claimedBitsPerWeight * size.weights, 0);
  return {
    tensors: sizes.length,
    weights,
    storedBytes,
    storedBitsPerWeight: bitsPerWeight(storedBytes, weights),
    claimedBitsPerWeight: weights === 0 ? 0 : claimedBits / weights,
  };
}
