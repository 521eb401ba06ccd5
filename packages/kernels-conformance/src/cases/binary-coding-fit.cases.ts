import type { KernelBackend } from "@lowbit/core/backend";
import { readScales, type ScaleDtype, type SignLayout, type Term } from "@lowbit/core/terms";
import { describe, expect, it } from "vitest";
import { RandomData, unaligned } from "../random-data.js";
import { FIT_SHAPES, SCALE_DTYPES } from "./fit-shapes.js";
import { degenerateWeights, expectSamePlanes, plainSignLayout } from "./sign-planes.js";

export function binaryCodingFitCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  describe.each([1, 2, 3, 4])("%i planes", (planes) => {
    const compare = (
      [rows, columns, groupSize]: readonly [number, number, number],
      scaleDtype: ScaleDtype,
      weights: Float32Array,
      iterations: number,
    ) => {
      const layout = plainSignLayout(rows, columns, groupSize, { hasMean: false, scaleDtype });
      const block = { values: unaligned(weights, 4), rows, columns };
      expectSamePlanes(
        Array.from({ length: planes }, () => layout),
        (terms) => subject().binaryCodingFit(block, terms, iterations),
        (terms) => oracle.binaryCodingFit(block, terms, iterations),
      );
    };

    it("fits every shape", () => {
      const random = new RandomData(91);
      for (const shape of FIT_SHAPES) {
        compare(shape, SCALE_DTYPES[(shape[1] + planes) % 3]!, random.weights(shape[0] * shape[1]), 3);
      }
    });

    it("fits greedily, and with 1 and 15 rounds", () => {
      for (const iterations of [0, 1, 15]) compare([2, 172, 64], "F16", new RandomData(92).weights(344), iterations);
    });

    it("fits zeros of both signs, subnormals, ties and planes that depend on each other", () => {
      compare([4, 100, 20], "F32", degenerateWeights(400), 4);
      compare([6, 100, 7], "F32", new RandomData(93).oddWeights(600), 4);
      compare([6, 100, 7], "F16", new RandomData(94).weights(600, 1e-8), 4);
    });
  });

  it("keeps a scale that overflows, for the pipeline to refuse", () => {
    const layout = plainSignLayout(1, 64, 64, { hasMean: false, scaleDtype: "F32" });
    const values = Float32Array.from({ length: 64 }, (_, i) => (i % 3 === 0 ? -3e38 : 3e38));
    const fill = (backend: KernelBackend) => (terms: readonly Term<SignLayout>[]) => {
      backend.binaryCodingFit({ values, rows: 1, columns: 64 }, terms, 4);
      expect(readScales(terms[0]!.arrays.scale, "F32")).toEqual(Float32Array.of(Number.POSITIVE_INFINITY));
    };
    expectSamePlanes([layout], fill(subject()), fill(oracle));
  });

  it.each([1, 2, 8, 40])("solves for planes that differ in %i of 2500 weights", (differing) => {
    const weights = Float32Array.from({ length: 2500 }, (_, i) => (i % 2 === 0 ? 1 : -1));
    for (let i = 0; i < differing; i++) weights[7 + 60 * i] = 0.2;
    const layout = plainSignLayout(1, 2500, 2500, { hasMean: false, scaleDtype: "F32" });
    const block = { values: weights, rows: 1, columns: 2500 };
    expectSamePlanes(
      [layout, layout],
      (terms) => subject().binaryCodingFit(block, terms, 2),
      (terms) => oracle.binaryCodingFit(block, terms, 2),
    );
  });

  it("refuses no term and a mean", () => {
    const layout = plainSignLayout(1, 16, 16, { hasMean: true, scaleDtype: "F16" });
    const arrays = { signs: new Uint8Array(2), scale: new Uint8Array(2), mean: new Uint8Array(2) };
    const block = { values: new Float32Array(16), rows: 1, columns: 16 };
    for (const terms of [[], [{ layout, arrays }]]) {
      expect(() => subject().binaryCodingFit(block, terms, 1)).toThrow(
        expect.objectContaining({ code: "backend/unsupported-layout" }),
      );
    }
  });
}
