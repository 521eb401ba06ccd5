import type { RowBlock } from "../../tensor/row-block.js";

/** Consecutive inputs among which an N:M mask chooses. */
export const MASK_SPAN = 8;

/**
 * The N:M mask: of every 8 consecutive weights of a row the `prune` least important are 0, of equally important ones the
 * first. A shorter span at the end of the row loses its share, rounded down.
 * @param prune 0 to 8
 * @returns [rows, columns], 1 where a weight is kept
 */
export function keepMostImportant(importance: RowBlock, prune: number): Uint8Array {
  const { values, rows, columns } = importance;
  const kept = new Uint8Array(values.length).fill(1);
  for (let row = 0; row < rows; row++) {
    for (let first = 0; first < columns; first += MASK_SPAN) {
      const count = Math.min(MASK_SPAN, columns - first);
      const begin = row * columns + first;
      for (let left = Math.floor((prune * count) / MASK_SPAN); left > 0; left--) {
        let least = -1;
        for (let at = begin; at < begin + count; at++) {
          if (kept[at] === 1 && (least < 0 || values[at]! < values[least]!)) least = at;
        }
        kept[least] = 0;
      }
    }
  }
  return kept;
}
