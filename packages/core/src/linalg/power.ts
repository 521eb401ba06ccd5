/**
 * x^p in f64, equal to the bit in every language: additions, multiplications and one division in a stated order, no
 * library function (docs/numerics.md, rule 6). The C++ twin is packages/kernels-src/include/power.h.
 *
 * Relative error below 1e-12 for x in [1e-30, 1e30] and p in [−2, 4]. power(0, p) is 0 for p > 0, else infinity.
 *
 * @param x 0, or a finite number of at least 2^−1022
 */
export function power(x: number, p: number): number {
  if (x === 0) return p > 0 ? 0 : Number.POSITIVE_INFINITY;
  return exp2(Math.min(Math.max(log2(x) * p, -1022), 1022));
}

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
/** Which of the two words of an f64 is the upper one on this machine. */
const UPPER = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;
/** Upper word of √½ and of 1 as f64. */
const ROOT_HALF = 0x3fe6a09e;
const ONE = 0x3ff00000;

/** x = 2^e · m with m in [√½, √2), log2(m) = 2/ln 2 · artanh((m − 1)/(m + 1)). */
function log2(x: number): number {
  float[0] = x;
  const shifted = words[UPPER]! + (ONE - ROOT_HALF);
  const e = (shifted >>> 20) - 1023;
  words[UPPER] = (shifted & 0xfffff) + ROOT_HALF;
  const m = float[0]!;
  const s = (m - 1) / (m + 1);
  const q = s * s;
  let series = q * (1 / 19) + 1 / 17;
  for (let k = 15; k >= 1; k -= 2) series = series * q + 1 / k;
  return e + s * series * 2.8853900817779268;
}

const INVERSE_FACTORIALS = [39916800, 3628800, 362880, 40320, 5040, 720, 120, 24, 6, 2, 1, 1].map((f) => 1 / f);
/** 1.5 · 2^52: adding it rounds half to even to an integer. */
const ROUND = 6755399441055744;

/** y = n + f with |f| ≤ ½, 2^f = e^(f · ln 2) by its series. */
function exp2(y: number): number {
  const n = y + ROUND - ROUND;
  const z = (y - n) * Math.LN2;
  let series = 1 / 479001600;
  for (const coefficient of INVERSE_FACTORIALS) series = series * z + coefficient;
  float[0] = 0;
  words[UPPER] = (n + 1023) << 20;
  return series * float[0]!;
}
