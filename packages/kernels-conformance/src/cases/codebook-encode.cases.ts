import type { KernelBackend } from "@lowbit/core/backend";
import { type CodebookLayout, type Term, writeScales } from "@lowbit/core/terms";
import { it } from "vitest";
import { RandomData, unaligned } from "../random-data.js";
import { codebookLayout, TABLES, withTable } from "./codebook-fit.cases.js";
import { expectSameTerm, FIT_SHAPES } from "./fit-shapes.js";

export function codebookEncodeCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  /** Scales of about the size of the weights, some of them 0 or far too small. */
  const compare = (layout: CodebookLayout, table: readonly number[], weights: Float32Array) => {
    const block = { values: unaligned(weights, 4), rows: layout.rows, columns: layout.columns };
    const given = (term: Term<CodebookLayout>) => {
      const scales = Array.from(
        { length: term.arrays.scale.byteLength / 4 },
        (_, i) => [0.02, 0.05, 0, 1e-40, 3e-5][i % 5]!,
      );
      writeScales(scales, "F32", term.arrays.scale);
      return withTable(term, table);
    };
    expectSameTerm(
      layout,
      (term) => subject().codebookEncode(block, given(term)),
      (term) => oracle.codebookEncode(block, given(term)),
    );
  };

  it("encodes every shape", () => {
    const random = new RandomData(51);
    for (const [rows, columns, groupSize] of FIT_SHAPES) {
      compare(codebookLayout(rows, columns, groupSize, 4, "F32"), TABLES[3]!, random.weights(rows * columns));
    }
  });

  it("encodes with every table", () => {
    const random = new RandomData(52);
    for (const table of TABLES) {
      compare(codebookLayout(6, 100, 7, Math.log2(table.length), "F32"), table, random.oddWeights(600));
    }
  });

  it("encodes with one scale for the whole tensor", () => {
    const layout: CodebookLayout = { ...codebookLayout(4, 100, 100, 4, "F32"), granularity: "tensor" };
    compare(layout, TABLES[4]!, new RandomData(53).weights(400));
  });
}
