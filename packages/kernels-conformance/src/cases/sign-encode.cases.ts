import type { KernelBackend } from "@lowbit/core/backend";
import { type SignLayout, type Term, writeScales } from "@lowbit/core/terms";
import { it } from "vitest";
import { RandomData, unaligned } from "../random-data.js";
import { expectSameTerm, FIT_SHAPES, SCALE_DTYPES } from "./fit-shapes.js";
import { degenerateWeights, plainSignLayout } from "./sign-planes.js";

export function signEncodeCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  const compare = (layout: SignLayout, weights: Float32Array) => {
    const block = { values: unaligned(weights, 4), rows: layout.rows, columns: layout.columns };
    const given = (term: Term<SignLayout>) => {
      const { mean } = term.arrays;
      const count = mean ? mean.byteLength / (layout.scaleDtype === "F32" ? 4 : 2) : 0;
      if (mean)
        writeScales(
          Float32Array.from({ length: count }, (_, i) => [0, 0.01, -0.02, 1][i % 4]!),
          layout.scaleDtype,
          mean,
        );
      return term;
    };
    expectSameTerm(
      layout,
      (term) => subject().signEncode(block, given(term)),
      (term) => oracle.signEncode(block, given(term)),
    );
  };

  it.each([false, true])("encodes every shape (mean: %s)", (hasMean) => {
    const random = new RandomData(71);
    for (const [rows, columns, groupSize] of FIT_SHAPES) {
      for (const scaleDtype of SCALE_DTYPES) {
        compare(plainSignLayout(rows, columns, groupSize, { hasMean, scaleDtype }), random.weights(rows * columns));
      }
    }
  });

  it("encodes zeros of both signs, subnormals and extremes", () => {
    compare(plainSignLayout(6, 100, 7, { hasMean: true, scaleDtype: "F32" }), new RandomData(72).oddWeights(600));
    compare(plainSignLayout(6, 100, 7, { hasMean: false, scaleDtype: "F32" }), new RandomData(73).oddWeights(600));
    compare(plainSignLayout(4, 100, 20, { hasMean: true, scaleDtype: "F16" }), degenerateWeights(400));
  });

  it("encodes with one mean for the whole tensor and with column scales", () => {
    const layout = plainSignLayout(5, 172, 172, { hasMean: true, scaleDtype: "BF16" });
    compare({ ...layout, granularity: "tensor" }, new RandomData(74).weights(5 * 172));
    compare({ ...layout, hasMean: false, hasColumnScale: true }, new RandomData(75).weights(5 * 172));
  });
}
