import type { HalfQuadraticOptions, KernelBackend } from "@lowbit/core/backend";
import type { AffineLayout } from "@lowbit/core/terms";
import { expect, it } from "vitest";
import { RandomData, unaligned } from "../random-data.js";
import { affineLayout } from "./affine-fit.cases.js";
import { expectSameTerm, FIT_SHAPES, SCALE_DTYPES } from "./fit-shapes.js";

const PAPER: HalfQuadraticOptions = { iterations: 20, beta: 10, kappa: 1.01, norm: 0.7 };

export function affineHalfQuadraticFitCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  const compare = (layout: AffineLayout, weights: Float32Array, options: HalfQuadraticOptions) => {
    const block = { values: unaligned(weights, 4), rows: layout.rows, columns: layout.columns };
    expectSameTerm(
      layout,
      (term) => subject().affineHalfQuadraticFit(block, term, options),
      (term) => oracle.affineHalfQuadraticFit(block, term, options),
    );
  };
  const zero = "float";

  it("fits every shape", () => {
    const random = new RandomData(31);
    for (const [rows, columns, groupSize] of FIT_SHAPES) {
      compare(affineLayout(rows, columns, groupSize, { zero }), random.weights(rows * columns), PAPER);
    }
  });

  it("fits every width and scale dtype", () => {
    const random = new RandomData(32);
    for (let bits = 1; bits <= 8; bits++) {
      const scaleDtype = SCALE_DTYPES[bits % 3]!;
      compare(affineLayout(2, 172, 64, { zero, bits, scaleDtype }), random.weights(2 * 172), PAPER);
    }
  });

  it("fits where the shrinkage leaves something of the errors", () => {
    const random = new RandomData(33);
    for (const deviation of [0.3, 1, 30]) {
      for (const options of [PAPER, { iterations: 7, beta: 1000, kappa: 1.5, norm: 0.5 }]) {
        for (const bits of [2, 3]) {
          const layout = affineLayout(2, 150, 40, { zero, bits, scaleDtype: "F32" });
          compare(layout, random.weights(300, deviation), options);
        }
      }
    }
  });

  it("fits zeros of both signs, subnormals and extremes", () => {
    const random = new RandomData(34);
    for (const scaleDtype of SCALE_DTYPES)
      compare(affineLayout(4, 100, 7, { zero, scaleDtype }), random.oddWeights(400), PAPER);
  });

  it("refuses other kinds of zero", () => {
    const layout = affineLayout(1, 16, 16, { zero: "integer" });
    expect(() => compare(layout, new Float32Array(16), PAPER)).toThrow(
      expect.objectContaining({ code: "backend/unsupported-layout" }),
    );
  });
}
