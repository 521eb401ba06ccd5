import type { KernelBackend } from "@lowbit/core/backend";
import { type AffineLayout, type Term, termRows } from "@lowbit/core/terms";
import { describe, it } from "vitest";
import { RandomData, unaligned } from "../random-data.js";
import { affineLayout, ZERO_KINDS } from "./affine-fit.cases.js";
import { expectSameTerm, FIT_SHAPES } from "./fit-shapes.js";

export function affineEncodeCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  /** Scales and zeros come from a fit of other weights, so that codes reach both ends of their range. */
  const compare = (layout: AffineLayout, random: RandomData, odd = false) => {
    const { rows, columns } = layout;
    const fitted = { values: random.weights(rows * columns, 0.01), rows, columns };
    const values = odd ? random.oddWeights(rows * columns) : random.weights(rows * columns);
    const block = { values: unaligned(values, 4), rows, columns };
    const given = (term: Term<AffineLayout>) => {
      if (layout.granularity !== "tensor") oracle.affineFit(fitted, term, { includeZero: false });
      else {
        const firstRow = { values: fitted.values.subarray(0, columns), rows: 1, columns };
        const { arrays } = termRows(term, 0, 1);
        oracle.affineFit(
          firstRow,
          { layout: { ...layout, rows: 1, granularity: "row" }, arrays },
          { includeZero: false },
        );
      }
      return term;
    };
    expectSameTerm(
      layout,
      (term) => subject().affineEncode(block, given(term)),
      (term) => oracle.affineEncode(block, given(term)),
    );
  };

  describe.each(ZERO_KINDS)("zero %s", (zero) => {
    it("encodes every shape", () => {
      const random = new RandomData(21);
      for (const [rows, columns, groupSize] of FIT_SHAPES)
        compare(affineLayout(rows, columns, groupSize, { zero }), random);
    });

    it("encodes every width", () => {
      const random = new RandomData(22);
      for (let bits = zero === "midpoint" ? 2 : 1; bits <= 8; bits++) {
        compare(affineLayout(3, 172, 32, { zero, bits, scaleDtype: "BF16" }), random);
      }
    });

    it("encodes extremes far outside the grid", () => {
      compare(affineLayout(6, 100, 7, { zero, scaleDtype: "F32" }), new RandomData(23), true);
    });

    it("encodes with one scale for the whole tensor", () => {
      compare({ ...affineLayout(5, 172, 172, { zero }), granularity: "tensor" }, new RandomData(24));
    });
  });
}
