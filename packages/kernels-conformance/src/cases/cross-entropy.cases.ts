import type { KernelBackend } from "@lowbit/core/backend";
import { expect, it } from "vitest";
import { expectCloseFloats } from "../expectations.js";
import { LOGIT_SHAPES, oddLogits, randomLogits, randomTargets } from "../logits.js";
import { RandomData } from "../random-data.js";
import { LOSS_RELATIVE } from "../tolerances.js";

export function crossEntropyCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  const run = (backend: KernelBackend, values: Float32Array, columns: number, targets: Uint32Array) => {
    const losses = new Float64Array(targets.length).fill(-1);
    backend.crossEntropy({ values, rows: targets.length, columns }, targets, losses);
    return losses;
  };

  it.each(LOGIT_SHAPES)("measures %i rows of %i columns", (rows, columns) => {
    const random = new RandomData(51);
    const values = randomLogits(rows, columns, random);
    const targets = randomTargets(rows, columns, random);
    expectCloseFloats(run(subject(), values, columns, targets), run(oracle, values, columns, targets), LOSS_RELATIVE);
  });

  it("measures -∞, ∞, NaN and distant logits", () => {
    const { values, rows, columns } = oddLogits();
    for (let target = 0; target < columns; target++) {
      const targets = new Uint32Array(rows).fill(target);
      expectCloseFloats(run(subject(), values, columns, targets), run(oracle, values, columns, targets), LOSS_RELATIVE);
    }
  });

  it("keeps the digits of small losses", () => {
    // The top is ahead of 16 others by d: the loss is log(1 + 16·e^−d).
    for (const ahead of [5, 20, 30]) {
      const values = new Float32Array(17).fill(-ahead);
      values[3] = 0;
      const [loss] = run(subject(), values, 17, Uint32Array.of(3));
      const wanted = Math.log1p(16 * Math.exp(-ahead));
      expect(Math.abs(loss! - wanted)).toBeLessThan(LOSS_RELATIVE * wanted + 2 ** -48);
    }
  });

  it("gives log(columns) for equal logits", () => {
    expectCloseFloats(
      run(subject(), new Float32Array(1000).fill(1e30), 1000, Uint32Array.of(999)),
      [Math.log(1000)],
      LOSS_RELATIVE,
    );
  });
}
