const { fround } = Math;

/** The weight of the largest magnitude, the first of equals, with its sign; 0 where all are 0. */
export function signedMaximum(values: Float32Array, from: number, count: number): number {
  let magnitude = 0;
  let signed = 0;
  for (let i = from; i < from + count; i++) {
    const value = values[i]!;
    if (magnitude < Math.abs(value)) {
      magnitude = Math.abs(value);
      signed = value;
    }
  }
  return signed;
}

/** 1/d in f32; infinity for d below 2^−128; 0 for ±0. */
export function inverse(d: number): number {
  return d === 0 ? 0 : fround(1 / d);
}

/** C's (int) of the f32 x · inverse + offset: towards zero; 0 for NaN and infinity, as x86 narrows them to bytes. */
export function truncated(x: number, inverseScale: number, offset: number): number {
  return fround(fround(x * inverseScale) + offset) | 0;
}

/** C's roundf of the f32 x · inverse: ties away from zero; 0 for NaN and infinity, as x86 narrows them to bytes. */
export function roundedAway(x: number, inverseScale: number): number {
  const quotient = fround(x * inverseScale);
  return (quotient < 0 ? quotient - 0.5 : quotient + 0.5) | 0;
}
