import type { KernelBackend } from "@lowbit/core/backend";
import type { CodebookLayout, Term } from "@lowbit/core/terms";
import { expect, it } from "vitest";
import { RandomData, unaligned } from "../random-data.js";
import { expectSameTerm, FIT_SHAPES, granularityOf, SCALE_DTYPES } from "./fit-shapes.js";

/** Tables in ascending order, in no order, with equal values and zeros of both signs, and with tiny differences. */
export const TABLES: readonly (readonly number[])[] = [
  [-1, 1],
  [1, -1],
  [0.5, -1, 0, 0.25],
  [
    0, 0.0052083333, 0.6666667, 1, 0.33333334, 0.5, 0.16666667, 0.25, -0, -0.0052083333, -0.6666667, -1, -0.33333334,
    -0.5, -0.16666667, -0.25,
  ],
  [-1, -0.69, -0.52, -0.39, -0.28, -0.18, -0.09, 0, 0.08, 0.16, 0.25, 0.34, 0.44, 0.56, 0.72, 1],
  [3, 3, 3, 3.0000002, -1, -1.0000001, 1e-30, 1e-40],
  Array.from({ length: 256 }, (_, i) => Math.sin(i * 7.3)),
];

export function codebookFitCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  const compare = (layout: CodebookLayout, table: readonly number[], weights: Float32Array) => {
    const block = { values: unaligned(weights, 4), rows: layout.rows, columns: layout.columns };
    expectSameTerm(
      layout,
      (term) => subject().codebookFit(block, withTable(term, table)),
      (term) => oracle.codebookFit(block, withTable(term, table)),
    );
  };

  it("fits every shape", () => {
    const random = new RandomData(41);
    for (const [rows, columns, groupSize] of FIT_SHAPES) {
      for (const scaleDtype of SCALE_DTYPES) {
        compare(codebookLayout(rows, columns, groupSize, 4, scaleDtype), TABLES[4]!, random.weights(rows * columns));
      }
    }
  });

  it.each(TABLES.map((table, i) => [i, table] as const))("fits table %i", (_, table) => {
    const random = new RandomData(42);
    const bits = Math.log2(table.length);
    compare(codebookLayout(3, 172, 32, bits, "F16"), table, random.weights(3 * 172));
    compare(codebookLayout(3, 172, 32, bits, "F32"), table, random.oddWeights(3 * 172));
  });

  it("fits values of the table and midpoints between them, where ties are", () => {
    for (const table of TABLES) {
      const sorted = [...table].sort((a, b) => a - b);
      const midpoints = sorted.slice(1).map((value, i) => Math.fround((value + sorted[i]!) / 2));
      const weights = Float32Array.from([...table, ...midpoints]);
      compare(codebookLayout(1, weights.length, weights.length, Math.log2(table.length), "F32"), table, weights);
    }
  });

  it("refuses one scale for the whole tensor", () => {
    const layout: CodebookLayout = { ...codebookLayout(1, 16, 16, 1, "F16"), granularity: "tensor" };
    expect(() => compare(layout, TABLES[0]!, new Float32Array(16))).toThrow(
      expect.objectContaining({ code: "backend/unsupported-layout" }),
    );
  });
}

export function codebookLayout(
  rows: number,
  columns: number,
  groupSize: number,
  bits: number,
  scaleDtype: CodebookLayout["scaleDtype"],
): CodebookLayout {
  const granularity = granularityOf(columns, groupSize);
  return { kind: "codebook", rows, columns, bits, granularity, groupSize, codebook: "test", scaleDtype };
}

/** Writes the table into the term. */
export function withTable(term: Term<CodebookLayout>, table: readonly number[]): Term<CodebookLayout> {
  term.arrays.table.set(new Uint8Array(Float32Array.from(table).buffer));
  return term;
}
