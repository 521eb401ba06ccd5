import type { KernelBackend } from "../backend/kernel-backend.js";
import { LowbitError } from "../errors/index.js";
import type { Quantizer } from "../quantizers/quantizer.js";
import { resolveOptions } from "../quantizers/resolve-options.js";
import type { RowBlock } from "../tensor/row-block.js";
import type { Term } from "../terms/term.js";
import { allocateTerm } from "../terms/term-arrays.js";

/**
 * Quantizes a matrix that is in memory, in one block.
 *
 * The terms of row-local methods equal those of the same rows in a checkpoint to the byte; a survey (a scale of the
 * whole tensor, a column factor) adds up blocks there, which can differ in the last bits.
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
  const bad = block.values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const [row, column] = [Math.floor(bad / columns), bad % columns];
    throw new LowbitError(
      "pipeline/non-finite-weight",
      `The matrix has ${block.values[bad]} at row ${row}, column ${column}; every weight must be finite.`,
      { row, column, found: String(block.values[bad]) },
    );
  }
  const options = resolveOptions<O>(quantizer, given);
  const terms = quantizer.layout({ rows, columns }, options).map((layout) => allocateTerm(layout));
  const copy = (): RowBlock => ({ rows, columns, values: block.values.slice() });
  let state = quantizer.survey?.begin({ rows, columns }, options);
  for (let pass = 0; pass < (quantizer.survey?.passes(options) ?? 0); pass++) {
    const partial = quantizer.survey!.look(pass, state!, copy(), options, backend);
    state = quantizer.survey!.fold(pass, state!, [partial], options);
  }
  quantizer.quantizeRows(copy(), terms, options, state as S, backend);
  return terms;
}
