import type { KernelBackend, TernaryRule } from "@lowbit/core/backend";
import type { ScaleDtype, TernaryLayout } from "@lowbit/core/terms";
import { describe, expect, it } from "vitest";
import { RandomData, unaligned } from "../random-data.js";
import { expectSameTerm, FIT_SHAPES, granularityOf, SCALE_DTYPES } from "./fit-shapes.js";
import { degenerateWeights } from "./sign-planes.js";

export const TRIT_PACKINGS: readonly TernaryLayout["packing"][] = ["two-bit", "base-3"];
const RULES: readonly TernaryRule[] = ["absmean", "twn", "least-squares"];

export function ternaryLayout(
  rows: number,
  columns: number,
  groupSize: number,
  packing: TernaryLayout["packing"],
  scaleDtype: ScaleDtype,
): TernaryLayout {
  const granularity = granularityOf(columns, groupSize);
  return { kind: "ternary", rows, columns, granularity, groupSize, packing, scaleDtype };
}

export function ternaryFitCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  describe.each(RULES)("rule %s", (rule) => {
    const compare = (layout: TernaryLayout, weights: Float32Array) => {
      const block = { values: unaligned(weights, 4), rows: layout.rows, columns: layout.columns };
      expectSameTerm(
        layout,
        (term) => subject().ternaryFit(block, term, rule),
        (term) => oracle.ternaryFit(block, term, rule),
      );
    };

    it.each(TRIT_PACKINGS)("fits every shape (%s)", (packing) => {
      const random = new RandomData(101);
      for (const [rows, columns, groupSize] of FIT_SHAPES) {
        for (const scaleDtype of SCALE_DTYPES) {
          compare(ternaryLayout(rows, columns, groupSize, packing, scaleDtype), random.weights(rows * columns));
        }
      }
    });

    it("fits zeros of both signs, subnormals, ties, and scales that overflow or vanish", () => {
      for (const scaleDtype of SCALE_DTYPES) {
        compare(ternaryLayout(4, 100, 20, "two-bit", scaleDtype), degenerateWeights(400));
        compare(ternaryLayout(6, 100, 7, "base-3", scaleDtype), new RandomData(102).oddWeights(600));
        compare(ternaryLayout(6, 100, 7, "two-bit", scaleDtype), new RandomData(103).weights(600, 1e-10));
        compare(ternaryLayout(6, 100, 7, "two-bit", scaleDtype), new RandomData(104).weights(600, 3e37));
        compare(ternaryLayout(2, 100, 50, "two-bit", scaleDtype), new Float32Array(200).fill(3e38, 0, 150));
      }
    });
  });

  it.each([3, 20, 31, 32, 33, 34, 46])("settles the least-squares level over %i rounds", (rounds) => {
    const layout = ternaryLayout(1, 512, 512, "two-bit", "F32");
    const block = { values: shrinkingLevels(rounds, 512), rows: 1, columns: 512 };
    expectSameTerm(
      layout,
      (term) => subject().ternaryFit(block, term, "least-squares"),
      (term) => oracle.ternaryFit(block, term, "least-squares"),
    );
  });

  it("refuses one scale for the whole tensor", () => {
    const layout: TernaryLayout = { ...ternaryLayout(1, 16, 16, "two-bit", "F16"), granularity: "tensor" };
    const term = { layout, arrays: { digits: new Uint8Array(4), scale: new Uint8Array(2) } };
    const block = { values: new Float32Array(16), rows: 1, columns: 16 };
    expect(() => subject().ternaryFit(block, term, "twn")).toThrow(
      expect.objectContaining({ code: "backend/unsupported-layout" }),
    );
  });
}

/** Magnitudes each of which lies just below half the mean of itself and those before it, so that a round drops one. */
function shrinkingLevels(count: number, length: number): Float32Array {
  const weights = new Float32Array(length);
  let mean = 1;
  weights[0] = 1;
  for (let k = 2; k <= count; k++) {
    const next = (0.495 * (k - 1) * mean) / (k - 0.495);
    mean = (mean * (k - 1) + next) / k;
    weights[k - 1] = next;
  }
  return weights;
}
