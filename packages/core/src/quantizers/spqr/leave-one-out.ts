import type { RowBlock } from "../../tensor/row-block.js";

/** Adding and subtracting it rounds small f64 numbers to integers. */
const ROUNDER = 1.5 * 2 ** 52;

/**
 * Marks the weights of a group without which its grid would fit so much better that they are likely outliers (paper,
 * section 3.2 and algorithm 1, `get_leave_one_out_error` of the released code): with E the sum of ((w − q) / U[k][k])² over
 * the group, those whose removal, with the grid fitted anew to the others, makes E smaller by more than `threshold`.
 *
 * The grid of a min–max fit moves only where the smallest or the largest weight is left out, so that a group needs three
 * grids, not one for each weight.
 * @param diagonal U[k][k] of the columns of the group
 * @param threshold of the decrease
 * @returns [rows, columns], 1 where marked
 */
export function likelyOutliers(
  { values, rows, columns }: RowBlock,
  diagonal: Float32Array,
  bits: number,
  threshold: number,
): Uint8Array {
  const marked = new Uint8Array(rows * columns);
  const weight = diagonal.map((u) => 1 / u ** 2);
  const group = new Float64Array(columns);
  const errors = new Float64Array(columns);
  const otherErrors = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    let minimum = Number.POSITIVE_INFINITY;
    let maximum = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < columns; i++) {
      const value = values[row * columns + i]!;
      group[i] = value;
      if (value < minimum) minimum = value;
      if (value > maximum) maximum = value;
    }
    const whole = squaredErrors(group, weight, bits, -1, errors);
    for (let i = 0; i < columns; i++) {
      const isExtreme = group[i] === minimum || group[i] === maximum;
      const others = isExtreme ? squaredErrors(group, weight, bits, i, otherErrors) : whole - errors[i]!;
      if (whole - others > threshold) marked[row * columns + i] = 1;
    }
  }
  return marked;
}

/** Sum of weight · (w − q)² on a min–max grid of all but member `left` of the group; `errors` gets the single ones. */
function squaredErrors(
  group: Float64Array,
  weight: Float32Array,
  bits: number,
  left: number,
  errors: Float64Array,
): number {
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < group.length; i++) {
    if (i === left) continue;
    const value = group[i]!;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  const scale = (maximum - minimum) / (2 ** bits - 1);
  const inverse = scale > 0 ? 1 / scale : 0;
  let sum = 0;
  for (let i = 0; i < group.length; i++) {
    if (i === left) continue;
    const value = group[i]!;
    // Half to even, of a number from 0 to 255.
    const code = (value - minimum) * inverse + ROUNDER - ROUNDER;
    const difference = value - minimum - scale * code;
    const error = weight[i]! * difference * difference;
    errors[i] = error;
    sum += error;
  }
  return sum;
}
