import type { StatisticValues } from "../layer-statistics.js";

/**
 * The part of the Hessian that belongs to consecutive columns, both triangles, [count, count].
 * @param hessian packed lower triangle, see `LayerStatistics`
 */
export function blockGram(hessian: StatisticValues, first: number, count: number): Float64Array {
  const gram = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    const line = ((first + i) * (first + i + 1)) / 2 + first;
    for (let j = 0; j <= i; j++) gram[i * count + j] = gram[j * count + i] = hessian[line + j]!;
  }
  return gram;
}
