import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../../backend/reference/reference-backend.js";
import { normalWeights } from "../quantize-matrix.fixture.js";
import { fitIntegerCodes } from "./fit-integer-codes.js";
import { codebookSearch } from "./integer-codebooks.js";

const backend = createReferenceBackend();
const search = codebookSearch(2, 4);
const equal = (columns: number) => ({
  hessian: new Float32Array(columns).fill(1),
  conditional: new Float32Array(columns).fill(1),
});

describe("the two steps for one group", () => {
  it("find the codebook that a search over the weights finds", () => {
    const [rows, columns] = [5, 48];
    const values = normalWeights(rows * columns, 9);
    const energies = normalWeights(columns, 10).map((z) => z * z);
    const weights = { hessian: energies, conditional: energies };
    const { scales, mean } = fitIntegerCodes({ values, rows, columns }, weights, search, [1], backend);
    for (let row = 0; row < rows; row++) {
      const line = values.subarray(row * columns, (row + 1) * columns);
      const [low, high] = [Math.min(0, ...line), Math.max(0, ...line)];
      const scale = Math.fround((high - low) / 15);
      const zero = Math.round(-low / scale);
      const integers = line.map((w) => Math.min(Math.max(Math.round(w / scale) + zero, 0), 15));
      let best = { cost: Number.POSITIVE_INFINITY, steps: [0, 0] as readonly number[], center: 0 };
      for (const { steps, center } of search.codebooks) {
        const levels = [-1, 1].flatMap((a) => [-1, 1].map((b) => center + a * steps[0]! + b * steps[1]!));
        const cost = integers.reduce(
          (sum, t, c) => sum + energies[c]! * Math.min(...levels.map((level) => (t - level) ** 2)),
          0,
        );
        if (cost < best.cost - 1e-4) best = { cost, steps, center };
      }
      best.steps.forEach((step, k) => {
        expect(scales[k]![row]).toBeCloseTo(step * scale, 5);
      });
      expect(mean[row]).toBeCloseTo((best.center - zero) * scale, 5);
    }
  });

  it("keep the scale with the least error of the weights", () => {
    // Three levels that a grid over the whole range misses: the outlier takes a level that the rest does not need.
    const values = Float32Array.from({ length: 64 }, (_, i) => [-0.31, -0.1, 0.11, 0.3][i % 4]!);
    values[0] = -1;
    const block = { values, rows: 1, columns: 64 };
    const error = (factors: readonly number[]): number => {
      const { scales, mean } = fitIntegerCodes(block, equal(64), search, factors, backend);
      const levels = [-1, 1].flatMap((a) => [-1, 1].map((b) => mean[0]! + a * scales[0]![0]! + b * scales[1]![0]!));
      return values.reduce((sum, w) => sum + Math.min(...levels.map((level) => (w - level) ** 2)), 0);
    };
    const factors = [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4];
    const alone = factors.map((factor) => error([factor]));
    expect(error(factors)).toBeCloseTo(Math.min(...alone), 2);
    expect(error(factors)).toBeLessThan(alone[0]!);
  });

  it("give a group of zeros levels of 0", () => {
    const block = { values: new Float32Array(16), rows: 1, columns: 16 };
    const { scales, mean } = fitIntegerCodes(block, equal(16), search, [1, 0.9], backend);
    expect([...scales.map((scale) => scale[0]), mean[0]]).toEqual([0, 0, 0]);
  });
});
