import type { Divergence, KernelBackend } from "@lowbit/core/backend";
import { expect, it } from "vitest";
import { expectCloseFloats } from "../expectations.js";
import { LOGIT_SHAPES, oddLogits, randomLogits } from "../logits.js";
import { RandomData, unaligned } from "../random-data.js";

/** Powers and sums are f64: what is left is the rounding of a difference of logarithms. */
const RELATIVE = 1e-12;

export function divergenceCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  const run = (backend: KernelBackend, p: Float32Array, q: Float32Array, rows: number, columns: number): Divergence => {
    const target = { divergence: new Float64Array(rows).fill(-1), sameTop: new Uint8Array(rows).fill(7) };
    backend.divergence({ values: p, rows, columns }, { values: q, rows, columns }, target);
    return target;
  };
  const compare = (p: Float32Array, q: Float32Array, rows: number, columns: number) => {
    const actual = run(subject(), p, q, rows, columns);
    const wanted = run(oracle, p, q, rows, columns);
    expectCloseFloats(actual.divergence, wanted.divergence, RELATIVE);
    expect([...actual.sameTop]).toEqual([...wanted.sameTop]);
    return actual;
  };

  it.each([...LOGIT_SHAPES, [2, 0]] as const)("compares %i rows of %i columns", (rows, columns) => {
    const random = new RandomData(71);
    const p = randomLogits(rows, columns, random);
    compare(p, randomLogits(rows, columns, random), rows, columns);
    const noisy = p.map((logit) => logit + 0.001 * random.normal());
    const near = compare(p, unaligned(noisy, 4), rows, columns);
    for (const value of near.divergence) expect(value).toBeLessThan(1e-4);
  });

  it("is 0 for equal logits, also a constant apart", () => {
    const p = randomLogits(3, 100, new RandomData(72)).map((logit) => Math.round(logit * 1024) / 1024);
    for (const shift of [0, 32]) {
      const found = compare(
        p,
        p.map((logit) => logit + shift),
        3,
        100,
      );
      for (const value of found.divergence) expect(value).toBeLessThan(1e-13);
      expect([...found.sameTop]).toEqual([1, 1, 1]);
    }
  });

  it("takes the first of equal tops", () => {
    const p = Float32Array.of(1, 5, 5, 0);
    expect([...compare(p, Float32Array.of(0, 6, 5, 6), 1, 4).sameTop]).toEqual([1]);
    expect([...compare(p, Float32Array.of(0, 5, 6, 6), 1, 4).sameTop]).toEqual([0]);
  });

  it("adds nothing where p is 0 and is infinite where only q is 0", () => {
    const none = Number.NEGATIVE_INFINITY;
    const p = Float32Array.of(0, none, 1);
    expect(compare(p, Float32Array.of(0, 3, 1), 1, 3).divergence[0]).toBeGreaterThan(1);
    expect([...compare(p, Float32Array.of(0, none, 1), 1, 3).divergence]).toEqual([0]);
    expect([...compare(p, Float32Array.of(none, 3, 1), 1, 3).divergence]).toEqual([Number.POSITIVE_INFINITY]);
  });

  it("compares every pair of -∞, ∞, NaN and distant logits", () => {
    const { values, rows, columns } = oddLogits();
    for (let row = 0; row < rows; row++) {
      const q = Float32Array.from(values, (_, i) => values[row * columns + (i % columns)]!);
      compare(values, q, rows, columns);
    }
  });
}
