/** Rounds to the nearest integer, ties to even; -0 becomes +0. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest < 0.5) return floor + 0;
  if (rest > 0.5) return floor + 1;
  return (floor % 2 === 0 ? floor : floor + 1) + 0;
}
