const word = new Float32Array(1);
const bits = new Int32Array(word.buffer);

/**
 * Half to even by adding 1.5 · 2^23 in f32, as ggml rounds: beyond ±2^22, where callers clamp, the low 23 bits of that sum
 * count as they are. NaN gives 0.
 */
export function nearestInteger(value: number): number {
  word[0] = value + 12582912;
  return (bits[0]! & 0x7fffff) - 0x400000;
}

export function clampedInteger(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, nearestInteger(value)));
}
