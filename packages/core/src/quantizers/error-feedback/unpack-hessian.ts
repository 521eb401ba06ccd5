import type { StatisticValues } from "../layer-statistics.js";

/** Rows and columns that are transposed together, so that both places stay in the cache. */
const TILE = 32;

export interface UnpackedHessian {
  /** 1: the diagonal element was 0 (or below); 1 stands there now. */
  readonly dead: Uint8Array;
  /** Of inputs that are not dead; 0 where all are. */
  readonly meanDiagonal: number;
}

/**
 * The lower triangle of H in f64, as a square whose upper triangle holds anything; rows and columns in the given order.
 * @param packed lower triangle, see `LayerStatistics`
 * @param target [columns, columns]
 */
export function unpackHessian(
  packed: StatisticValues,
  columns: number,
  order: Uint32Array | undefined,
  target: Float64Array,
): UnpackedHessian {
  if (order === undefined) unpackRows(packed, columns, target);
  else unpackOrdered(packed, columns, order, target);
  const dead = new Uint8Array(columns);
  let sum = 0;
  let live = 0;
  for (let j = 0; j < columns; j++) {
    const at = j * (columns + 1);
    const diagonal = target[at]!;
    if (diagonal <= 0) {
      dead[j] = 1;
      target[at] = 1;
    } else {
      sum += diagonal;
      live++;
    }
  }
  return { dead, meanDiagonal: live === 0 ? 0 : sum / live };
}

function unpackRows(packed: StatisticValues, columns: number, target: Float64Array): void {
  for (let i = 0; i < columns; i++) {
    const begin = (i * (i + 1)) / 2;
    target.set(packed.subarray(begin, begin + i + 1), i * columns);
  }
}

/**
 * In two steps that both read and write near what they did before: each row of H to its row of the target, wherever its
 * elements belong in it; then those that came to stand above the diagonal to their places below.
 */
function unpackOrdered(packed: StatisticValues, columns: number, order: Uint32Array, target: Float64Array): void {
  const position = new Uint32Array(columns);
  for (let i = 0; i < columns; i++) position[order[i]!] = i;
  for (let input = 0, at = 0; input < columns; input++) {
    const row = position[input]! * columns;
    for (let other = 0; other <= input; other++) target[row + position[other]!] = packed[at++]!;
  }
  for (let top = 0; top < columns; top += TILE) {
    for (let left = 0; left <= top; left += TILE) {
      const bottom = Math.min(top + TILE, columns);
      for (let i = top; i < bottom; i++) {
        const input = order[i]!;
        const end = Math.min(left + TILE, i);
        for (let j = left; j < end; j++) {
          if (order[j]! > input) target[i * columns + j] = target[j * columns + i]!;
        }
      }
    }
  }
}
