import { LowbitError } from "../errors/lowbit-error.js";
import type { RowBlock } from "../tensor/row-block.js";
import { checkTerm } from "../terms/check-term.js";
import type { Term } from "../terms/term.js";

/** @throws `backend/block-size` unless the block holds as many floats as its rows and columns say */
export function checkBlock(op: string, { rows, columns, values }: RowBlock): void {
  if (values.length === rows * columns) return;
  throw new LowbitError(
    "backend/block-size",
    `${op} got a block of ${rows} × ${columns} weights in ${values.length} floats; it takes ${rows * columns}`,
    { op, rows, columns, floats: values.length, expected: rows * columns },
  );
}

/**
 * What fits and encodes check before they write into the arrays of a term.
 * @throws `backend/block-size` when block and term differ in rows or columns, and what `checkTerm` throws
 */
export function checkBlockForTerm(op: string, block: RowBlock, term: Term): void {
  checkTerm(term);
  checkBlock(op, block);
  const { rows, columns } = term.layout;
  if (block.rows === rows && block.columns === columns) return;
  throw new LowbitError(
    "backend/block-size",
    `${op} got a block of ${block.rows} × ${block.columns} weights for a term of ${rows} × ${columns}`,
    { op, rows: block.rows, columns: block.columns, expectedRows: rows, expectedColumns: columns },
  );
}
