import type { DoneQualityRow } from "./quality-row.js";

/** A row of `--target-bpw` beside the best uniform row that takes no more bits. */
export interface TargetFinding {
  readonly target: DoneQualityRow;
  readonly best: DoneQualityRow;
  readonly holds: boolean;
}

/** What counts as equally many stored bits. */
const EQUAL_BITS = 1.005;

/** For every mixed row: does it have a lower perplexity than every uniform row of the table at as many stored bits, or fewer? */
export function checkTargets(rows: readonly DoneQualityRow[]): TargetFinding[] {
  const [mixed, uniform] = [rows.filter(isMixed), rows.filter((row) => !isMixed(row))];
  return mixed.flatMap((target) => {
    const rivals = uniform.filter((row) => row.storedBitsPerWeight <= target.storedBitsPerWeight * EQUAL_BITS);
    const [best] = rivals.toSorted((a, b) => a.perplexity.mean - b.perplexity.mean);
    return best === undefined ? [] : [{ target, best, holds: target.perplexity.mean < best.perplexity.mean }];
  });
}

/** Whether the layers of a row have different settings, chosen for a target. */
export function isMixed(row: { readonly arguments: readonly string[] }): boolean {
  return row.arguments[0] === "--target-bpw";
}
