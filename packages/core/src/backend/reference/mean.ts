/** The mean of `value(0)` … `value(count − 1)`, in f64. */
export function mean(count: number, value: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += value(i);
  return sum / count;
}
