import { LowbitError } from "../errors/lowbit-error.js";
import type { SignLayout } from "../terms/sign.js";
import type { Term } from "../terms/term.js";
import type { TernaryLayout } from "../terms/ternary.js";

/**
 * Sign terms that an encode can fill: every column covered, one zone.
 * @throws `backend/unsupported-layout`
 */
export function checkEncodableSign(op: string, layout: SignLayout): void {
  if (layout.zones !== 1) refuse(op, "zones", layout.zones, "1");
  if (layout.coveredColumns !== undefined) refuse(op, "coveredColumns", layout.coveredColumns, "all columns");
}

/**
 * Sign terms that a fit can choose scales for: as above, without column scale, and not one scale for the whole tensor,
 * which no single block can know.
 * @throws `backend/unsupported-layout`
 */
export function checkFittableSign(op: string, layout: SignLayout): void {
  checkEncodableSign(op, layout);
  if (layout.hasColumnScale) refuse(op, "hasColumnScale", "true", "false");
  if (layout.granularity === "tensor") refuse(op, "granularity", "tensor", "group or row");
}

/** @throws `backend/unsupported-layout` for a scale of the whole tensor. */
export function checkFittableTernary(op: string, layout: TernaryLayout): void {
  if (layout.granularity === "tensor") refuse(op, "granularity", "tensor", "group or row");
}

/** Most planes of one fit. */
export const MAX_SIGN_PLANES = 4;

/** One term or more. */
export type SignTerms = readonly [Term<SignLayout>, ...Term<SignLayout>[]];

/**
 * Terms of the alternating fit: one or two, of equal groups, the mean in the first.
 * @throws `backend/unsupported-layout`
 */
export function checkAlternatingSigns(terms: readonly Term<SignLayout>[]): SignTerms {
  return checkSignTerms("signAlternatingFit", terms, 2, (i) => i === 0);
}

/**
 * Terms of a binary coding: one to four, of equal groups, without means.
 * @throws `backend/unsupported-layout`
 */
export function checkBinaryCodingSigns(terms: readonly Term<SignLayout>[]): SignTerms {
  return checkSignTerms("binaryCodingFit", terms, MAX_SIGN_PLANES, () => false);
}

function checkSignTerms(
  op: string,
  terms: readonly Term<SignLayout>[],
  allowed: number,
  mustHaveMean: (i: number) => boolean,
): SignTerms {
  const [first, ...others] = terms;
  if (first === undefined || terms.length > allowed) refuse(op, "terms", terms.length, `1 to ${allowed}`);
  terms.forEach(({ layout }, i) => {
    checkFittableSign(op, layout);
    const place = `of term ${i + 1}`;
    if (layout.hasMean !== mustHaveMean(i))
      refuse(op, `hasMean ${place}`, String(layout.hasMean), String(mustHaveMean(i)));
    if (layout.groupSize !== first.layout.groupSize)
      refuse(op, `groupSize ${place}`, layout.groupSize, `${first.layout.groupSize}, that of the first`);
    if (layout.scaleDtype !== first.layout.scaleDtype)
      refuse(op, `scaleDtype ${place}`, layout.scaleDtype, `${first.layout.scaleDtype}, that of the first`);
  });
  return [first, ...others];
}

function refuse(op: string, field: string, found: number | string, allowed: string): never {
  throw new LowbitError("backend/unsupported-layout", `${op} got ${field} ${found}; it takes ${allowed}`, {
    op,
    field,
    found,
    allowed,
  });
}
