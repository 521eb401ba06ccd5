import { LowbitError } from "../errors/lowbit-error.js";
import type { RowBlock } from "../tensor/row-block.js";
import type { AffineLayout } from "../terms/affine.js";
import { checkTerm } from "../terms/check-term.js";
import type { CodebookLayout } from "../terms/codebook.js";
import type { Term } from "../terms/term.js";

/**
 * What fits and encodes check before they write: kernels trust sizes.
 * @throws `backend/block-size` when block and term differ in rows or columns, and what `checkTerm` throws
 */
export function checkBlock(op: string, block: RowBlock, term: Term): void {
  checkTerm(term);
  const { rows, columns } = term.layout;
  if (block.rows === rows && block.columns === columns && block.values.length === rows * columns) return;
  throw new LowbitError(
    "backend/block-size",
    `${op} got a block of ${block.rows} × ${block.columns} weights in ${block.values.length} floats for a term of ${rows} × ${columns}`,
    {
      op,
      rows: block.rows,
      columns: block.columns,
      floats: block.values.length,
      expectedRows: rows,
      expectedColumns: columns,
    },
  );
}

/**
 * Affine terms on which codes can be chosen.
 * @throws `backend/unsupported-layout` for a midpoint grid of 1 bit, whose only levels would be −scale and 0
 */
export function checkEncodableAffine(op: string, layout: AffineLayout): void {
  if (layout.zero === "midpoint" && layout.bits === 1) refuse(op, "bits", 1, "2 to 8 with zero midpoint");
}

/** @throws `backend/unsupported-layout` for the above and for one scale of the whole tensor, which no block can know */
export function checkFittableAffine(op: string, layout: AffineLayout): void {
  checkEncodableAffine(op, layout);
  if (layout.granularity === "tensor") refuse(op, "granularity", "tensor", "group or row");
}

/** @throws `backend/unsupported-layout` unless the zero point is a float, one a group or row */
export function checkHalfQuadraticAffine(op: string, layout: AffineLayout): void {
  checkFittableAffine(op, layout);
  if (layout.zero !== "float") refuse(op, "zero", layout.zero, "float");
}

/** @throws `backend/unsupported-layout` for one scale of the whole tensor */
export function checkFittableCodebook(op: string, layout: CodebookLayout): void {
  if (layout.granularity === "tensor") refuse(op, "granularity", "tensor", "group or row");
}

function refuse(op: string, field: string, found: number | string, allowed: string): never {
  throw new LowbitError("backend/unsupported-layout", `${op} got ${field} ${found}; it takes ${allowed}`, {
    op,
    field,
    found,
    allowed,
  });
}
