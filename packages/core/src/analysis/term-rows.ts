import { storedByteLength } from "../terms/bits-per-weight.js";
import { type ScaleGrid, scaleGrids } from "../terms/scale-grids.js";
import type { Term, TermLayout } from "../terms/term.js";
import { termKind } from "../terms/term-kinds.js";
import type { RowRun } from "./row-selection.js";
import { blockByteLength, type ScanContext, throwIfAborted } from "./scan-context.js";

/** Terms of a quantized weight by rows; a `TermReader` is one. */
export interface TermRows {
  rows(begin: number, end: number, options?: { readonly signal?: AbortSignal }): Promise<readonly Term[]>;
}

/** What an analysis of stored terms takes of a quantized weight: a `StoredQuantizedWeight` and its opened reader. */
export interface TermSource {
  readonly name: string;
  readonly terms: readonly TermLayout[];
  readonly reader: TermRows;
}

/** What reading terms needs; no kernels run. */
export type TermScanContext = Omit<ScanContext, "backend">;

/** A grid of scales of a weight, which of its terms has it, and what to call it. */
export interface WeightScaleGrid extends ScaleGrid {
  readonly term: number;
  readonly label: string;
}

/** All scales of a weight, term after term. */
export function weightScaleGrids(terms: readonly TermLayout[]): readonly WeightScaleGrid[] {
  return terms.flatMap((layout, term) => {
    const described = termKind(layout).describe(layout);
    return scaleGrids(layout).map((grid) => ({
      ...grid,
      term,
      label: grid.part === "" ? described : `${described}: ${grid.part}`,
    }));
  });
}

/** Shows the terms of rows, block after block of about `blockByteLength` bytes. */
export async function readTermBlocks(
  { terms, reader }: TermSource,
  runs: readonly RowRun[],
  context: TermScanContext,
  visit: (terms: readonly Term[], block: RowRun) => void,
): Promise<void> {
  const { signal } = context;
  const options = signal ? { signal } : {};
  const rowBytes = storedByteLength(terms) / Math.max(1, terms[0]?.rows ?? 0);
  const most = Math.max(1, Math.floor(blockByteLength(context) / Math.max(1, rowBytes)));
  for (const run of runs) {
    for (let row = run.row; row < run.row + run.rows; row += most) {
      throwIfAborted(signal);
      const rows = Math.min(most, run.row + run.rows - row);
      const read = await reader.rows(row, row + rows, options).catch((reason: unknown) => {
        throwIfAborted(signal);
        throw reason;
      });
      visit(read, { row, rows });
      context.onProgress?.(Math.round(rows * rowBytes));
    }
  }
}
