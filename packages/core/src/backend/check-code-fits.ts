import type { RowBlock } from "../tensor/row-block.js";
import type { AffineLayout } from "../terms/affine.js";
import type { CodebookLayout } from "../terms/codebook.js";
import type { Term } from "../terms/term.js";
import { checkBlockForTerm } from "./check-block.js";
import { refuseLayout, refuseTensorScale } from "./refuse-layout.js";

// What the fits and encodes of affine and codebook terms check; each throws `backend/unsupported-layout` and what
// `checkBlockForTerm` throws.

/** Refuses a midpoint grid of 1 bit, whose only levels would be −scale and 0. */
export function checkAffineEncode(block: RowBlock, term: Term<AffineLayout>, op = "affineEncode"): void {
  const { zero, bits } = term.layout;
  if (zero === "midpoint" && bits === 1) refuseLayout(op, "bits", 1, "2 to 8 with zero midpoint");
  checkBlockForTerm(op, block, term);
}

/** Refuses the above and one scale of the whole tensor. */
export function checkAffineFit(block: RowBlock, term: Term<AffineLayout>, op = "affineFit"): void {
  refuseTensorScale(op, term.layout);
  checkAffineEncode(block, term, op);
}

/** Takes a float zero point only, one a group or row. */
export function checkAffineHalfQuadraticFit(block: RowBlock, term: Term<AffineLayout>): void {
  const op = "affineHalfQuadraticFit";
  if (term.layout.zero !== "float") refuseLayout(op, "zero", term.layout.zero, "float");
  checkAffineFit(block, term, op);
}

export function checkCodebookEncode(block: RowBlock, term: Term<CodebookLayout>): void {
  checkBlockForTerm("codebookEncode", block, term);
}

/** Refuses one scale of the whole tensor. */
export function checkCodebookFit(block: RowBlock, term: Term<CodebookLayout>): void {
  refuseTensorScale("codebookFit", term.layout);
  checkBlockForTerm("codebookFit", block, term);
}
