import type { KernelBackend } from "@lowbit/core/backend";
import { expect, it } from "vitest";
import { expectCloseFloats } from "../expectations.js";
import { expectGradients } from "../finite-differences.js";
import { LOGIT_SHAPES, oddLogits, randomLogits, randomTargets } from "../logits.js";
import { RandomData } from "../random-data.js";
import { LAYER_RELATIVE } from "../tolerances.js";

export function crossEntropyGradientCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  const run = (
    backend: KernelBackend,
    values: Float32Array,
    columns: number,
    targets: Uint32Array,
    scale: number,
    start = 0,
  ) => {
    const gradient = new Float32Array(values.length).fill(start);
    backend.crossEntropyGradient({ values, rows: targets.length, columns }, targets, scale, gradient);
    return gradient;
  };

  it.each(LOGIT_SHAPES)("adds gradients of %i rows of %i columns", (rows, columns) => {
    const random = new RandomData(61);
    const values = randomLogits(rows, columns, random);
    const targets = randomTargets(rows, columns, random);
    for (const [scale, start] of [
      [1, 0],
      [-0.25, 3],
      [0, 1],
    ] as const) {
      expectCloseFloats(
        run(subject(), values, columns, targets, scale, start),
        run(oracle, values, columns, targets, scale, start),
        LAYER_RELATIVE,
        Math.abs(scale),
      );
    }
  });

  it("differentiates -∞, ∞, NaN and distant logits", () => {
    const { values, rows, columns } = oddLogits();
    for (let target = 0; target < columns; target++) {
      const targets = new Uint32Array(rows).fill(target);
      expectCloseFloats(
        run(subject(), values, columns, targets, 1),
        run(oracle, values, columns, targets, 1),
        LAYER_RELATIVE,
      );
    }
  });

  it("agrees with finite differences of crossEntropy", () => {
    const random = new RandomData(62);
    const rows = 3;
    const columns = 19;
    const values = randomLogits(rows, columns, random);
    const targets = randomTargets(rows, columns, random);
    expectGradients(
      { logits: values },
      ({ logits }) => {
        const losses = new Float64Array(rows);
        oracle.crossEntropy({ values: logits!, rows, columns }, targets, losses);
        return Float32Array.from(losses);
      },
      new Float32Array(rows).fill(0.5),
      () => ({ logits: run(subject(), values, columns, targets, 0.5) }),
    );
  });

  it("keeps the digits of a target that is almost certain", () => {
    const values = new Float32Array(17).fill(-25);
    values[3] = 0;
    const gradient = run(subject(), values, 17, Uint32Array.of(3), 1)[3]!;
    const others = 16 * Math.exp(-25);
    expect(Math.abs(gradient + others / (1 + others))).toBeLessThan(1e-6 * others + 2 ** -48);
  });
}
