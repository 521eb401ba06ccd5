/** exp(x) / Σ exp(x), in f64 from the largest on. */
export function softmax(x: ArrayLike<number>): Float64Array {
  const largest = largestOf(x);
  const powers = Float64Array.from(x, (value) => Math.exp(value - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** log softmax(x): (x − largest) − log Σ exp(x − largest), in f64. */
export function logSoftmax(x: ArrayLike<number>): Float64Array {
  const largest = largestOf(x);
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += Math.exp(x[i]! - largest);
  const logSum = Math.log(sum);
  return Float64Array.from(x, (value) => value - largest - logSum);
}

/** NaN if one is. */
function largestOf(x: ArrayLike<number>): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < x.length; i++) largest = Math.max(largest, x[i]!);
  return largest;
}
