import { describe, expect, it } from "vitest";
import { codebookSearch } from "./integer-codebooks.js";

describe.each([
  [1, 3],
  [2, 4],
  [3, 5],
  [4, 6],
])("codebooks of %i steps for %i-bit integers", (bits, linearBits) => {
  const { codebooks, costs, levels, range } = codebookSearch(bits, linearBits);

  it("are a few hundred to two thousand different ones, each with falling steps that stay in half the range", () => {
    expect(codebooks.length).toBeGreaterThan(100);
    expect(codebooks.length).toBeLessThan(2500);
    expect(new Set(codebooks.map((codebook) => JSON.stringify(codebook))).size).toBe(codebooks.length);
    for (const { steps } of codebooks) {
      expect(steps.length).toBe(bits);
      expect(steps.reduce((sum, step) => sum + step, 0)).toBeLessThanOrEqual(range / 2);
      steps.forEach((step, k) => {
        expect(step).toBeGreaterThan(steps[k + 1] ?? 0);
      });
    }
  });

  it("come with the nearest level of every integer", () => {
    for (const index of [0, 50, codebooks.length - 1]) {
      const { steps, center } = codebooks[index]!;
      let all = [center];
      for (const step of steps) all = all.flatMap((level) => [level - step, level + step]);
      for (let t = 0; t < range; t++) {
        const distance = Math.min(...all.map((level) => Math.abs(level - t)));
        expect(Math.abs(levels[index * range + t]! - t)).toBeCloseTo(distance, 5);
        expect(costs[index * range + t]).toBeCloseTo(distance ** 2, 4);
      }
    }
  });
});

it.each([
  [1, 3],
  [2, 4],
  [3, 5],
])("codebooks of %i steps for %i-bit integers hold the uniform grid", (bits, linearBits) => {
  const steps = Array.from({ length: bits }, (_, k) => 2 ** (linearBits - 2 - k));
  expect(codebookSearch(bits, linearBits).codebooks).toContainEqual({ steps, center: (2 ** linearBits - 1) / 2 });
});
