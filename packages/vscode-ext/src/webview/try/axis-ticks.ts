export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

/** An axis that holds all values with room around them, with two to eight ticks at round numbers (1, 2, 5 times a power of ten). */
export function axisTicks(values: readonly number[]): Axis {
  const smallest = Math.min(...values);
  const largest = Math.max(...values);
  // One value alone stands in the middle of an axis as wide as it is large.
  const extent = largest > smallest ? largest - smallest : Math.max(Math.abs(largest), 1) / 2;
  const low = smallest - extent * 0.1;
  const high = largest + extent * 0.1;
  const step = roundStep((high - low) / 4);
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  // toPrecision: 3 · 0.1 is shown as 0.3.
  const ticks = Array.from({ length: count }, (_, index) => Number(((first + index) * step).toPrecision(12)));
  return { low, high, ticks };
}

function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5].find((candidate) => candidate * power >= rough) ?? 10;
  return factor * power;
}
