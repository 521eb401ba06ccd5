import type { RowBlock } from "../tensor/row-block.js";
import type { SignLayout } from "../terms/sign.js";
import type { Term } from "../terms/term.js";
import type { TernaryLayout } from "../terms/ternary.js";
import { checkBlockForTerm } from "./check-block.js";
import { refuseLayout, refuseTensorScale } from "./refuse-layout.js";

// What the fits and encodes of sign and ternary terms check; each throws `backend/unsupported-layout` and what
// `checkBlockForTerm` throws.

/** Takes terms of ±1 over every column, with one zone. */
export function checkSignEncode(block: RowBlock, term: Term<SignLayout>): void {
  refusePartialSigns("signEncode", term.layout);
  checkBlockForTerm("signEncode", block, term);
}

/** As above, without column scale, and a scale a group or row. */
export function checkSignFit(block: RowBlock, term: Term<SignLayout>): void {
  refuseUnfittableSigns("signFit", term.layout);
  checkBlockForTerm("signFit", block, term);
}

/** One term or more. */
export type SignTerms = readonly [Term<SignLayout>, ...Term<SignLayout>[]];

/** Most planes of one fit. */
export const MAX_SIGN_PLANES = 4;

/** Terms of the alternating fit: one or two, of equal groups, the mean in the first. */
export function checkSignAlternatingFit(block: RowBlock, terms: readonly Term<SignLayout>[]): SignTerms {
  return checkSignTerms("signAlternatingFit", block, terms, 2, (i) => i === 0);
}

/** Terms of a binary coding: one to four, of equal groups, without means. */
export function checkBinaryCodingFit(block: RowBlock, terms: readonly Term<SignLayout>[]): SignTerms {
  return checkSignTerms("binaryCodingFit", block, terms, MAX_SIGN_PLANES, () => false);
}

export function checkTernaryEncode(block: RowBlock, term: Term<TernaryLayout>): void {
  checkBlockForTerm("ternaryEncode", block, term);
}

/** Refuses one scale of the whole tensor. */
export function checkTernaryFit(block: RowBlock, term: Term<TernaryLayout>): void {
  refuseTensorScale("ternaryFit", term.layout);
  checkBlockForTerm("ternaryFit", block, term);
}

function refusePartialSigns(op: string, layout: SignLayout): void {
  if (layout.zones !== 1) refuseLayout(op, "zones", layout.zones, "1");
  if (layout.hasPruned) refuseLayout(op, "hasPruned", "true", "false");
  if (layout.isZeroOne) refuseLayout(op, "isZeroOne", "true", "false");
  if (layout.coveredColumns !== undefined) refuseLayout(op, "coveredColumns", layout.coveredColumns, "all columns");
}

function refuseUnfittableSigns(op: string, layout: SignLayout): void {
  refusePartialSigns(op, layout);
  if (layout.hasColumnScale) refuseLayout(op, "hasColumnScale", "true", "false");
  refuseTensorScale(op, layout);
}

function checkSignTerms(
  op: string,
  block: RowBlock,
  terms: readonly Term<SignLayout>[],
  allowed: number,
  mustHaveMean: (i: number) => boolean,
): SignTerms {
  const [first, ...others] = terms;
  if (first === undefined || terms.length > allowed) refuseLayout(op, "terms", terms.length, `1 to ${allowed}`);
  terms.forEach((term, i) => {
    const { layout } = term;
    refuseUnfittableSigns(op, layout);
    const place = `of term ${i + 1}`;
    if (layout.hasMean !== mustHaveMean(i))
      refuseLayout(op, `hasMean ${place}`, String(layout.hasMean), String(mustHaveMean(i)));
    if (layout.groupSize !== first.layout.groupSize)
      refuseLayout(op, `groupSize ${place}`, layout.groupSize, `${first.layout.groupSize}, that of the first`);
    if (layout.scaleDtype !== first.layout.scaleDtype)
      refuseLayout(op, `scaleDtype ${place}`, layout.scaleDtype, `${first.layout.scaleDtype}, that of the first`);
    checkBlockForTerm(op, block, term);
  });
  return [first, ...others];
}
