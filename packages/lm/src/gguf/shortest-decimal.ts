/** The shortest decimal number that rounds to the same float32: what somebody has typed before it was stored. */
export function shortestDecimal(value: number): number {
  const stored = Math.fround(value);
  // More digits than float32 has: the key holds float64.
  if (stored !== value) return value;
  for (let digits = 1; digits < 9; digits++) {
    const decimal = Number(value.toPrecision(digits));
    if (Math.fround(decimal) === stored) return decimal;
  }
  return value;
}
