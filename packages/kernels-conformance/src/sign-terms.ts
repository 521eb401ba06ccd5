import type { SignLayout } from "@lowbit/core/terms";
import type { RandomData } from "./random-data.js";
import { randomTerm, type Sharing, someColumns, type TermCase, wordBytes } from "./term-cases.js";

export interface SignVariant {
  readonly name: string;
  readonly zones: number;
  readonly hasMean: boolean;
  readonly hasColumnScale: boolean;
  /** The term covers only some columns. */
  readonly partial: boolean;
}

export const SIGN_VARIANTS: readonly SignVariant[] = [
  { name: "plain", zones: 1, hasMean: false, hasColumnScale: false, partial: false },
  { name: "with mean", zones: 1, hasMean: true, hasColumnScale: false, partial: false },
  { name: "with column scale", zones: 1, hasMean: false, hasColumnScale: true, partial: false },
  { name: "with mean and column scale", zones: 1, hasMean: true, hasColumnScale: true, partial: false },
  { name: "two zones", zones: 2, hasMean: false, hasColumnScale: false, partial: false },
  { name: "four zones with mean", zones: 4, hasMean: true, hasColumnScale: false, partial: false },
  { name: "two zones with column scale", zones: 2, hasMean: true, hasColumnScale: true, partial: false },
  { name: "some columns", zones: 1, hasMean: false, hasColumnScale: false, partial: true },
  { name: "some columns, two zones, mean", zones: 2, hasMean: true, hasColumnScale: false, partial: true },
];

/** `sharing.columns` are the covered columns. */
export function signTerm(
  variant: SignVariant,
  sharing: Sharing,
  rows: number,
  random: RandomData,
): TermCase<SignLayout> {
  const covered = sharing.columns;
  const columns = variant.partial ? covered + 5 : covered;
  const made = randomTerm<SignLayout>(
    {
      kind: "sign",
      rows,
      ...sharing,
      columns,
      zones: variant.zones,
      hasMean: variant.hasMean,
      hasColumnScale: variant.hasColumnScale,
      scaleDtype: (["F16", "BF16", "F32"] as const)[covered % 3]!,
      ...(variant.partial ? { coveredColumns: covered } : {}),
    },
    random,
    1,
  );
  if (!variant.partial) return made;
  const arrays = { ...made.term.arrays, columns: wordBytes(someColumns(columns, covered, random)) };
  return { ...made, term: { layout: made.term.layout, arrays } };
}
