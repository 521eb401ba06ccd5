import { LowbitError } from "../errors/lowbit-error.js";
import { checkTerm } from "./check-term.js";
import type { Term, TermLayout } from "./term.js";
import { termKind } from "./term-kinds.js";

/**
 * The layout of the form that ops take: the layout itself, or the plain form of one that is made to be small in a file
 * (bilevel, masked, zero-one signs, signs of some columns).
 */
export function runnableLayout(layout: TermLayout): TermLayout {
  return termKind(layout).runsAs?.layout(layout) ?? layout;
}

/**
 * The term that ops take in its place, with the same weights to the bit; the term itself where ops take it.
 * Its arrays are copies, or those of the term where they are the same.
 * @throws what `checkTerm` throws, where there is something to expand
 */
export function runnableTerm(term: Term): Term {
  if (runnableLayout(term.layout) === term.layout) return term;
  checkTerm(term);
  return termKind(term.layout).runsAs!.expand(term);
}

/** @throws `terms/stored-form` for a term that ops do not take as it is stored */
export function checkRunnable(op: string, { layout }: Term): void {
  if (runnableLayout(layout) === layout) return;
  throw new LowbitError(
    "terms/stored-form",
    `${op} got a term in its stored form: ${termKind(layout).describe(layout)}; it takes ${termKind(layout).describe(runnableLayout(layout))}.`,
    { op, kind: layout.kind },
  );
}
