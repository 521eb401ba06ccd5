import type { KernelBackend } from "../backend/kernel-backend.js";
import { LowbitError } from "../errors/index.js";
import type { Quantizer } from "../quantizers/quantizer.js";
import { resolveOptions } from "../quantizers/resolve-options.js";
import type { RowBlock } from "../tensor/row-block.js";
import type { Term } from "../terms/term.js";
import { allocateTerm, termRows } from "../terms/term-arrays.js";
import { type RowRange, rowBlocks, rowChunks } from "./row-chunks.js";

/**
 * Quantizes a matrix that is in memory, block by block like a tensor of a checkpoint: the terms are equal to the byte.
 * @param block row-major weights; left as they are
 * @param given options of the method; the rest takes its default
 * @throws `pipeline/non-finite-weight`, `options/…`
 */
export function quantizeMatrix<O extends object, S>(
  quantizer: Quantizer<O, S>,
  block: RowBlock,
  given: Readonly<Record<string, unknown>>,
  backend: KernelBackend,
): Term[] {
  const { rows, columns } = block;
  refuseNonFinite(block);
  const options = resolveOptions<O>(quantizer, given);
  const terms = quantizer.layout({ rows, columns }, options).map((layout) => allocateTerm(layout));
  const blocks = rowChunks(block).flatMap((chunk) => rowBlocks(block, chunk));
  const copy = ({ start, count }: RowRange): RowBlock => ({
    rows: count,
    columns,
    values: block.values.slice(start * columns, (start + count) * columns),
  });
  const { survey } = quantizer;
  let state = survey?.begin({ rows, columns }, options);
  for (let pass = 0; pass < (survey?.passes(options) ?? 0); pass++) {
    const partials: unknown[] = [];
    for (const span of blocks) {
      const partial = survey!.look(pass, state!, copy(span), options, backend);
      if (survey!.join && partials.length > 0) partials[0] = survey!.join(pass, partials[0], partial);
      else partials.push(partial);
    }
    state = survey!.fold(pass, state!, partials, options);
  }
  for (const span of blocks) {
    const rowsOf = terms.map((term) => termRows(term, span.start, span.start + span.count));
    quantizer.quantizeRows(copy(span), rowsOf, options, state as S, backend);
  }
  return terms;
}

function refuseNonFinite({ values, columns }: RowBlock): void {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  const [row, column] = [Math.floor(bad / columns), bad % columns];
  throw new LowbitError(
    "pipeline/non-finite-weight",
    `The matrix has ${values[bad]} at row ${row}, column ${column}; every weight must be finite.`,
    { row, column, found: String(values[bad]) },
  );
}
