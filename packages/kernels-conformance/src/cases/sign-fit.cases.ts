import type { KernelBackend } from "@lowbit/core/backend";
import { allocateTerm, type SignLayout } from "@lowbit/core/terms";
import { describe, expect, it } from "vitest";
import { expectSameFloats } from "../expectations.js";
import { RandomData, unaligned } from "../random-data.js";
import { expectSameTerm, FIT_SHAPES, SCALE_DTYPES } from "./fit-shapes.js";
import { degenerateWeights, plainSignLayout } from "./sign-planes.js";

export function signFitCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  const compare = (layout: SignLayout, weights: Float32Array) => {
    const { rows, columns } = layout;
    const actual = { values: unaligned(weights, 4), rows, columns };
    const wanted = { values: weights.slice(), rows, columns };
    expectSameTerm(
      layout,
      (term) => subject().signFit(actual, term),
      (term) => oracle.signFit(wanted, term),
    );
    expectSameFloats(actual.values, wanted.values);
  };

  describe.each([false, true])("mean: %s", (hasMean) => {
    it.each(SCALE_DTYPES)("fits every shape and leaves the residual (%s)", (scaleDtype) => {
      const random = new RandomData(61);
      for (const [rows, columns, groupSize] of FIT_SHAPES) {
        const weights = random.weights(rows * columns).map((w) => w + 0.005);
        compare(plainSignLayout(rows, columns, groupSize, { hasMean, scaleDtype }), weights);
      }
    });

    it("fits zeros of both signs, subnormals and extremes", () => {
      for (const scaleDtype of SCALE_DTYPES) {
        compare(plainSignLayout(6, 100, 7, { hasMean, scaleDtype }), new RandomData(62).oddWeights(600));
        compare(plainSignLayout(4, 100, 20, { hasMean, scaleDtype }), degenerateWeights(400));
      }
    });
  });

  it.each([
    ["F16", [0x00, 0x7e]],
    ["BF16", [0xc0, 0x7f]],
    ["F32", [0x00, 0x00, 0xc0, 0x7f]],
  ] as const)("stores the one quiet NaN where infinite sums cancel (%s)", (scaleDtype, quietNan) => {
    // Lanes 0 to 7 of the sum overflow upwards, lanes 8 to 15 downwards.
    const values = Float32Array.from({ length: 32 }, (_, i) => (i % 16 < 8 ? 3e38 : -3e38));
    const term = allocateTerm(plainSignLayout(1, 32, 32, { hasMean: true, scaleDtype }));
    subject().signFit({ values, rows: 1, columns: 32 }, term);
    expect([...term.arrays.mean!]).toEqual(quietNan);
  });

  it("refuses one scale for the whole tensor, column scales, zones and some columns", () => {
    const plain = plainSignLayout(2, 16, 16, { hasMean: false, scaleDtype: "F16" });
    const refused: Partial<SignLayout>[] = [
      { granularity: "tensor" },
      { hasColumnScale: true },
      { zones: 2 },
      { coveredColumns: 8, groupSize: 8 },
    ];
    for (const change of refused) {
      const block = { values: new Float32Array(32), rows: 2, columns: 16 };
      const term = { layout: { ...plain, ...change }, arrays: { signs: new Uint8Array(4), scale: new Uint8Array(4) } };
      expect(() => subject().signFit(block, term)).toThrow(
        expect.objectContaining({ code: "backend/unsupported-layout" }),
      );
    }
  });
}
