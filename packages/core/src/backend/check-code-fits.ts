import { LowbitError } from "../errors/lowbit-error.js";
import type { RowBlock } from "../tensor/row-block.js";
import type { AffineLayout } from "../terms/affine.js";
import type { CodebookLayout } from "../terms/codebook.js";
import type { Term } from "../terms/term.js";
import { checkBlockForTerm } from "./check-block.js";
import type { AffineFitOptions, HalfQuadraticOptions } from "./ops/fit-ops.js";
import { refuseLayout, refuseTensorScale } from "./refuse-layout.js";

// What the fits and encodes of affine and codebook terms check; each throws `backend/unsupported-layout` and what
// `checkBlockForTerm` throws.

/** Refuses a midpoint grid of 1 bit, whose only levels would be −scale and 0. */
export function checkAffineEncode(block: RowBlock, term: Term<AffineLayout>, op = "affineEncode"): void {
  const { zero, bits } = term.layout;
  if (zero === "midpoint" && bits === 1) refuseLayout(op, "bits", 1, "2 to 8 with zero midpoint");
  checkBlockForTerm(op, block, term);
}

/** Refuses the above, one scale of the whole tensor, and options outside their ranges (`backend/fit-option`). */
export function checkAffineFit(block: RowBlock, term: Term<AffineLayout>, { shrink }: AffineFitOptions): void {
  checkGroupFit("affineFit", block, term);
  if (shrink === undefined) return;
  checkOption("affineFit", "shrink.steps", shrink.steps, 1, 100, Number.isInteger);
  checkOption("affineFit", "shrink.exponent", shrink.exponent, 1, 4);
}

/** Takes a float zero point only, one a group or row; refuses options outside their ranges. */
export function checkAffineHalfQuadraticFit(
  block: RowBlock,
  term: Term<AffineLayout>,
  { iterations }: HalfQuadraticOptions,
): void {
  const op = "affineHalfQuadraticFit";
  if (term.layout.zero !== "float") refuseLayout(op, "zero", term.layout.zero, "float");
  checkGroupFit(op, block, term);
  checkOption(op, "iterations", iterations, 0, 100, Number.isInteger);
}

export function checkCodebookEncode(block: RowBlock, term: Term<CodebookLayout>): void {
  checkBlockForTerm("codebookEncode", block, term);
}

/** Refuses one scale of the whole tensor. */
export function checkCodebookFit(block: RowBlock, term: Term<CodebookLayout>): void {
  refuseTensorScale("codebookFit", term.layout);
  checkBlockForTerm("codebookFit", block, term);
}

function checkGroupFit(op: string, block: RowBlock, term: Term<AffineLayout>): void {
  refuseTensorScale(op, term.layout);
  checkAffineEncode(block, term, op);
}

function checkOption(
  op: string,
  option: string,
  found: number,
  least: number,
  most: number,
  isAllowed: (value: number) => boolean = Number.isFinite,
): void {
  if (isAllowed(found) && found >= least && found <= most) return;
  throw new LowbitError("backend/fit-option", `${op} got ${option} ${found}; it takes ${least} to ${most}`, {
    op,
    option,
    found,
    least,
    most,
  });
}
