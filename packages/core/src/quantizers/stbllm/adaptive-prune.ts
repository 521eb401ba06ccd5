import { roundHalfEven } from "../../linalg/round-half-even.js";
import { MASK_SPAN } from "../selection/keep-n-of-m.js";

/**
 * Percent of weights whose importance is above `multiple` times the mean: how many outliers the weights of one decoder block
 * have.
 * @param importances `weightImportance` of every linear layer of the block
 * @param multiple 6 in the scripts of the released code
 */
export function outlierPercent(importances: readonly Float32Array[], multiple: number): number {
  let count = 0;
  let sum = 0;
  for (const values of importances) {
    count += values.length;
    for (const value of values) sum += value;
  }
  if (count === 0) return 0;
  const threshold = (multiple * sum) / count;
  let outliers = 0;
  for (const values of importances) for (const value of values) if (value > threshold) outliers++;
  return (100 * outliers) / count;
}

/**
 * How many of 8 weights each decoder block loses: blocks with more outliers lose fewer. The percentages are stretched to
 * 0 … strength, centred on their mean and rounded; an adjustment of 1 becomes 2, as in the released code.
 * @param percentages `outlierPercent` of every block
 * @param prune what a block loses on average, of 8
 * @param strength λ: 2 in the scripts of the released code
 * @returns 0 to 7 for every block
 */
export function adaptivePrune(percentages: readonly number[], prune: number, strength: number): number[] {
  const least = Math.min(...percentages);
  const range = Math.max(...percentages) - least;
  if (range <= 0) return percentages.map(() => prune);
  const stretched = percentages.map((percent) => ((percent - least) / range) * strength);
  const mean = stretched.reduce((sum, value) => sum + value, 0) / stretched.length;
  return stretched.map((value) => {
    const adjustment = roundHalfEven(value - mean);
    return Math.min(Math.max(prune - (adjustment === 1 ? 2 : adjustment), 0), MASK_SPAN - 1);
  });
}
