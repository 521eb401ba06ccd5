/** Whether no element is NaN or infinite: an f64 sum of f32 magnitudes cannot overflow by itself. */
export function isFiniteArray(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.abs(values[i]!);
  return Number.isFinite(sum);
}
