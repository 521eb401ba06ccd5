import type { KernelBackend } from "@lowbit/core/backend";
import type { ScaleDtype } from "@lowbit/core/terms";
import { describe, expect, it } from "vitest";
import { RandomData, unaligned } from "../random-data.js";
import { FIT_SHAPES, SCALE_DTYPES } from "./fit-shapes.js";
import { degenerateWeights, expectSamePlanes, plainSignLayout } from "./sign-planes.js";

export function signAlternatingFitCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  describe.each([1, 2])("%i planes", (planes) => {
    const compare = (
      [rows, columns, groupSize]: readonly [number, number, number],
      scaleDtype: ScaleDtype,
      weights: Float32Array,
      iterations: number,
    ) => {
      const layouts = Array.from({ length: planes }, (_, i) =>
        plainSignLayout(rows, columns, groupSize, { hasMean: i === 0, scaleDtype }),
      );
      const block = { values: unaligned(weights, 4), rows, columns };
      expectSamePlanes(
        layouts,
        (terms) => subject().signAlternatingFit(block, terms, iterations),
        (terms) => oracle.signAlternatingFit(block, terms, iterations),
      );
    };

    it.each(SCALE_DTYPES)("fits every shape (%s)", (scaleDtype) => {
      const random = new RandomData(81);
      for (const shape of FIT_SHAPES) {
        compare(
          shape,
          scaleDtype,
          random.weights(shape[0] * shape[1]).map((w) => w + 0.005),
          5,
        );
      }
    });

    it("fits with 0, 1 and 15 rounds", () => {
      for (const iterations of [0, 1, 15]) compare([2, 172, 64], "F16", new RandomData(82).weights(344), iterations);
    });

    it("fits zeros of both signs, subnormals, ties and large weights", () => {
      compare([4, 100, 20], "F32", degenerateWeights(400), 4);
      compare([6, 100, 7], "F32", new RandomData(83).oddWeights(600), 4);
      compare([6, 100, 7], "F16", new RandomData(84).weights(600, 1e-8), 4);
    });
  });

  it("refuses three terms, none, and a mean in the second", () => {
    const layout = plainSignLayout(1, 16, 16, { hasMean: true, scaleDtype: "F16" });
    const arrays = { signs: new Uint8Array(2), scale: new Uint8Array(2), mean: new Uint8Array(2) };
    const block = { values: new Float32Array(16), rows: 1, columns: 16 };
    const term = { layout, arrays };
    for (const terms of [[], [term, term], [term, term, term]]) {
      expect(() => subject().signAlternatingFit(block, terms, 1)).toThrow(
        expect.objectContaining({ code: "backend/unsupported-layout" }),
      );
    }
  });
}
