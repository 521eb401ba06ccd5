const { fround } = Math;

/** Weights that share a scale, and what each squared error counts. */
export interface SubBlock {
  readonly values: Float32Array;
  /** Importance of each weight, not negative. */
  readonly weights: Float32Array;
}

/** Consecutive sub-blocks of `size` weights. */
export function subBlocks(values: Float32Array, weights: Float32Array, size: number): SubBlock[] {
  return Array.from({ length: values.length / size }, (_, sub) => ({
    values: values.subarray(sub * size, (sub + 1) * size),
    weights: weights.subarray(sub * size, (sub + 1) * size),
  }));
}

/** Error of a tried grid and the sums that least squares needs, all in f32 and in the order of the weights. */
export interface Trial {
  /** Σ w · (scale · level − minimum − x)². */
  readonly error: number;
  /** Σ w · level. */
  readonly sumL: number;
  /** Σ w · level². */
  readonly sumL2: number;
  /** Σ w · x · level. */
  readonly sumXL: number;
}

/** @param levels of every weight, from the start of the array */
export function tryLevels(sub: SubBlock, scale: number, minimum: number, levels: ArrayLike<number>): Trial {
  const { values, weights } = sub;
  let error = 0;
  let sumL = 0;
  let sumL2 = 0;
  let sumXL = 0;
  for (let i = 0; i < values.length; i++) {
    const level = levels[i]!;
    const wl = fround(weights[i]! * level);
    sumL = fround(sumL + wl);
    sumL2 = fround(sumL2 + fround(wl * level));
    sumXL = fround(sumXL + fround(wl * values[i]!));
    const difference = fround(fround(fround(scale * level) - minimum) - values[i]!);
    error = fround(error + fround(weights[i]! * fround(difference * difference)));
  }
  return { error, sumL, sumL2, sumXL };
}

/** 1 / scale; 0 for 0 and where it overflows. */
export function inverseStep(scale: number): number {
  const inverse = fround(1 / scale);
  return Math.abs(inverse) === Number.POSITIVE_INFINITY ? 0 : inverse;
}

/** Sum of the errors of sub-blocks, in f32 and in their order. */
export function totalError(errors: readonly number[]): number {
  let total = 0;
  for (const error of errors) total = fround(total + error);
  return total;
}
