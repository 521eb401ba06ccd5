import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RowBlock } from "../../tensor/row-block.js";
import { studentWeights } from "../quantize-matrix.fixture.js";
import { elementSaliency, rankColumns } from "./saliency.js";
import { type SalientSearch, searchSalientCount } from "./search-salient-count.js";

/** Σ (w − ŵ)² of a greedy fit of two binary terms, step by step. */
function binaryError(weights: readonly number[], hasMean: boolean): number {
  let left = [...weights];
  if (left.length === 0) return 0;
  const average = (values: readonly number[]): number => values.reduce((sum, w) => sum + w, 0) / values.length;
  for (let k = 0; k < 2; k++) {
    const mean = hasMean ? average(left) : 0;
    const scale = average(left.map((w) => Math.abs(w - mean)));
    left = left.map((w) => w - mean - (w - mean >= 0 ? scale : -scale));
  }
  return left.reduce((sum, w) => sum + w * w, 0);
}

/** The error for every number of columns, one after another. */
function errorsByDefinition(block: RowBlock, ranked: Uint32Array, search: SalientSearch): number[] {
  const { values, rows, columns } = block;
  const errors: number[] = [];
  for (let k = 1; k <= Math.min(search.limit, columns - 1); k++) {
    let error = 0;
    for (let row = 0; row < rows; row++) {
      const take = (of: Uint32Array): number[] =>
        [...of].filter((j) => search.kept?.[row * columns + j] !== 0).map((j) => values[row * columns + j]!);
      error += binaryError(take(ranked.subarray(0, k)), search.hasMean);
      error += binaryError(take(ranked.subarray(k)), search.hasMean);
    }
    errors.push(error);
  }
  return errors;
}

describe("saliency", () => {
  const block = { values: Float32Array.of(1, -2, 3, 4, 0, -1), rows: 2, columns: 3 };
  const diagonal = Float32Array.of(0.5, 2, 1);

  it("is w² / U² or |w|", () => {
    expect([...elementSaliency(block, "hessian", diagonal)]).toEqual([4, 1, 9, 64, 0, 1]);
    expect([...elementSaliency(block, "magnitude", diagonal)]).toEqual([1, 2, 3, 4, 0, 1]);
  });

  it("ranks columns by its sum, the lower of equal ones first, without pruned weights", () => {
    const saliency = { ...block, values: Float32Array.of(1, 5, 2, 4, 0, 3) };
    expect([...rankColumns(saliency)]).toEqual([0, 1, 2]);
    expect([...rankColumns(saliency, Uint8Array.of(1, 1, 1, 0, 1, 1))]).toEqual([1, 2, 0]);
  });
});

describe("searchSalientCount", () => {
  it("finds a number that is as good as the best by definition", () => {
    const shape = fc.record({ rows: fc.integer({ min: 1, max: 5 }), columns: fc.integer({ min: 2, max: 14 }) });
    const search = fc.record({
      limit: fc.integer({ min: 1, max: 20 }),
      hasMean: fc.boolean(),
    });
    fc.assert(
      fc.property(shape, search, fc.integer({ min: 1 }), fc.boolean(), ({ rows, columns }, options, seed, isPruned) => {
        const block = { rows, columns, values: studentWeights(rows * columns, seed) };
        const ranked = rankColumns({ ...block, values: block.values.map(Math.abs) });
        const kept = isPruned ? { kept: Uint8Array.from(block.values, (w) => (w > 0.7 ? 0 : 1)) } : {};
        const errors = errorsByDefinition(block, ranked, { ...options, ...kept });
        const found = searchSalientCount(block, ranked, { ...options, ...kept });
        expect(errors[found - 1]).toBeLessThanOrEqual(Math.min(...errors) * (1 + 1e-9) + 1e-9);
      }),
    );
  });

  it("takes one column of equally good numbers, and none of a block of one column", () => {
    const block = { rows: 2, columns: 4, values: new Float32Array(8) };
    const search = { limit: 3, hasMean: true };
    expect(searchSalientCount(block, Uint32Array.of(0, 1, 2, 3), search)).toBe(1);
    expect(searchSalientCount({ rows: 8, columns: 1, values: new Float32Array(8) }, Uint32Array.of(0), search)).toBe(0);
  });
});
