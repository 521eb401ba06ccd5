import {
  allocateTerm,
  type Granularity,
  type ScaleDtype,
  type Term,
  type TermLayout,
  termArray,
  termArrays,
} from "@lowbit/core/terms";
import { expectSameBytes } from "../expectations.js";
import { unaligned } from "../random-data.js";

/** Rows, columns and columns a group: whole vectors, short last groups, groups of one, batches of sixteen groups, long rows. */
export const FIT_SHAPES: readonly (readonly [rows: number, columns: number, groupSize: number])[] = [
  [0, 32, 32],
  [3, 1, 1],
  [2, 15, 16],
  [2, 16, 16],
  [2, 17, 16],
  [3, 33, 5],
  [1, 64, 1],
  [2, 172, 32],
  [5, 172, 64],
  [2, 172, 128],
  [2, 172, 172],
  [3, 257, 15],
  [2, 1024, 32],
  [1, 2100, 33],
  [1, 2500, 2500],
];

export const SCALE_DTYPES: readonly ScaleDtype[] = ["F16", "BF16", "F32"];

/** The granularity that a group size stands for. */
export function granularityOf(columns: number, groupSize: number): Granularity {
  return groupSize === columns ? "row" : "group";
}

/** A term of zeros whose arrays start at odd bytes. */
export function unalignedTerm<L extends TermLayout>(layout: L): Term<L> {
  const { arrays } = allocateTerm(layout);
  const moved = Object.entries(arrays as unknown as Record<string, Uint8Array>).map(([name, array]) => [
    name,
    unaligned(array, 3),
  ]);
  return { layout, arrays: Object.fromEntries(moved) };
}

/** Fills two terms of a layout, on the subject and on the oracle, and compares every array. */
export function expectSameTerm<L extends TermLayout>(
  layout: L,
  fillSubject: (term: Term<L>) => void,
  fillOracle: (term: Term<L>) => void,
): void {
  const actual = unalignedTerm(layout);
  const wanted = allocateTerm(layout);
  fillSubject(actual);
  fillOracle(wanted);
  for (const { name } of termArrays(layout)) {
    expectSameBytes(termArray(actual as unknown as Term, name), termArray(wanted as unknown as Term, name));
  }
}
