import { allocateTerm, type ScaleDtype, type SignLayout, type Term, termArray, termArrays } from "@lowbit/core/terms";
import { expectSameBytes } from "../expectations.js";
import { granularityOf, unalignedTerm } from "./fit-shapes.js";

/** A sign term over all columns, as the fits take it. */
export function plainSignLayout(
  rows: number,
  columns: number,
  groupSize: number,
  more: { readonly hasMean: boolean; readonly scaleDtype: ScaleDtype },
): SignLayout {
  return {
    kind: "sign",
    rows,
    columns,
    granularity: granularityOf(columns, groupSize),
    groupSize,
    zones: 1,
    hasColumnScale: false,
    ...more,
  };
}

/** Fills terms that are fitted together, on the subject and on the oracle, and compares every array. */
export function expectSamePlanes(
  layouts: readonly SignLayout[],
  fillSubject: (terms: readonly Term<SignLayout>[]) => void,
  fillOracle: (terms: readonly Term<SignLayout>[]) => void,
): void {
  const actual = layouts.map((layout) => unalignedTerm(layout));
  const wanted = layouts.map((layout) => allocateTerm(layout));
  fillSubject(actual);
  fillOracle(wanted);
  layouts.forEach((layout, i) => {
    for (const { name } of termArrays(layout)) {
      expectSameBytes(termArray(actual[i] as unknown as Term, name), termArray(wanted[i] as unknown as Term, name));
    }
  });
}

/** Weights whose fits are hard: ties, equal magnitudes, a group of zeros, one weight far from the others. */
export function degenerateWeights(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => {
    const kind = Math.floor(i / 40) % 5;
    if (kind === 0) return i % 2 === 0 ? 0 : -0;
    if (kind === 1) return i % 2 === 0 ? 0.25 : -0.25;
    if (kind === 2) return 1;
    if (kind === 3) return i % 40 === 7 ? 300 : (i % 3) - 1;
    return (i % 7) * 1e-42;
  });
}
