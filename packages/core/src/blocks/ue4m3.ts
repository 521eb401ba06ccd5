const word = new DataView(new ArrayBuffer(4));

/**
 * Half the value of an unsigned E4M3 byte (bias 7), exact; the doubled values of E2M1 take the halves. The highest bit
 * means nothing; 0x7f, NaN in E4M3, is 0 (ggml's rule).
 */
export function halvedUe4m3(byte: number): number {
  if (byte === 0x7f) return 0;
  const exponent = (byte >> 3) & 15;
  const mantissa = byte & 7;
  return exponent === 0 ? mantissa * 2 ** -10 : (8 + mantissa) * 2 ** (exponent - 11);
}

/**
 * The byte of a positive f32, 0 for all others, by ggml's rule: ties go up, not to even, what rounds to 256 or more becomes
 * 448 (0x7e), and what rounds to the first normal number from below the last subnormal one.
 */
export function encodeUe4m3(value: number): number {
  if (!(value > 0)) return 0;
  word.setFloat32(0, Math.min(value, 448));
  const pattern = word.getUint32(0);
  const exponent = (pattern >>> 23) - 120;
  if (exponent <= 0) return Math.min(7, Math.floor(Math.fround(value * 512 + 0.5)));
  // A carry of the mantissa moves into the exponent.
  const byte = (exponent << 3) + ((pattern >>> 20) & 7) + ((pattern >>> 19) & 1);
  return byte < 0x78 ? byte : 0x7e;
}
