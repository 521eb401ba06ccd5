const word = new DataView(new ArrayBuffer(4));

/**
 * C's floorf(log2f(x)) for a positive f32: the exponent of x, or one more where x is so near below a power of two 2^k that
 * its logarithm rounds to k. The f32 below k is 2^(p − 23) away (2^p being the power of two at or below the logarithm's
 * magnitude), and log2(2^k · (1 − j · 2^−24)) ≈ k − j · 2^−24 / ln 2: it rounds to k for j ≤ ln 2 · 2^p.
 */
export function floorLog2(x: number): number {
  const isSubnormal = x < 2 ** -126;
  word.setFloat32(0, isSubnormal ? x * 2 ** 24 : x);
  const pattern = word.getUint32(0);
  const exponent = (pattern >>> 23) - (isSubnormal ? 151 : 127);
  const k = exponent + 1;
  const stepsBelow = 0x800000 - (pattern & 0x7fffff);
  // Below k > 0 the f32 are as dense as at k − 1.
  const magnitude = k > 0 ? k - 1 : -k;
  const reach = magnitude === 0 ? 0 : Math.floor(Math.LN2 * 2 ** (31 - Math.clz32(magnitude)));
  return stepsBelow <= reach ? k : exponent;
}
