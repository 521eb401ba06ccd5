import type { KernelBackend } from "@lowbit/core/backend";
import { type Term, type TernaryLayout, writeScales } from "@lowbit/core/terms";
import { it } from "vitest";
import { RandomData, unaligned } from "../random-data.js";
import { expectSameTerm, FIT_SHAPES } from "./fit-shapes.js";
import { degenerateWeights } from "./sign-planes.js";
import { TRIT_PACKINGS, ternaryLayout } from "./ternary-fit.cases.js";

export function ternaryEncodeCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  const compare = (layout: TernaryLayout, weights: Float32Array, threshold?: number) => {
    const block = { values: unaligned(weights, 4), rows: layout.rows, columns: layout.columns };
    /** Scales of about the size of the weights, some of them 0 or far too small. */
    const given = (term: Term<TernaryLayout>) => {
      const count = term.arrays.scale.byteLength / 4;
      writeScales(
        Float32Array.from({ length: count }, (_, i) => [0.02, 0.5, 0, 1e-40, 0.25][i % 5]!),
        "F32",
        term.arrays.scale,
      );
      return term;
    };
    expectSameTerm(
      layout,
      (term) => subject().ternaryEncode(block, given(term), threshold),
      (term) => oracle.ternaryEncode(block, given(term), threshold),
    );
  };

  it.each(TRIT_PACKINGS)("encodes every shape by rounding and by threshold (%s)", (packing) => {
    const random = new RandomData(111);
    for (const [rows, columns, groupSize] of FIT_SHAPES) {
      const layout = ternaryLayout(rows, columns, groupSize, packing, "F32");
      for (const threshold of [undefined, 0.015, 0]) compare(layout, random.weights(rows * columns), threshold);
    }
  });

  it("rounds ties, zeros of both signs, subnormals and extremes", () => {
    // Scale 0.25 and 0.5 meet weights of exactly half of it.
    const halves = Float32Array.from({ length: 600 }, (_, i) => [0.125, -0.125, 0.25, -0.25, 0.12500001][i % 5]!);
    for (const packing of TRIT_PACKINGS) {
      compare(ternaryLayout(6, 100, 7, packing, "F32"), halves);
      compare(ternaryLayout(6, 100, 7, packing, "F32"), new RandomData(112).oddWeights(600));
      compare(ternaryLayout(4, 100, 20, packing, "F32"), degenerateWeights(400));
      compare(ternaryLayout(4, 100, 20, packing, "F32"), degenerateWeights(400), 0.25);
    }
  });

  it("encodes with one scale for the whole tensor", () => {
    const layout: TernaryLayout = { ...ternaryLayout(4, 100, 100, "two-bit", "F32"), granularity: "tensor" };
    compare(layout, new RandomData(113).weights(400));
  });
}
