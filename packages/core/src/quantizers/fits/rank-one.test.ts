import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../../backend/reference/reference-backend.js";
import type { RowBlock } from "../../tensor/row-block.js";
import { normalWeights } from "../quantize-matrix.fixture.js";
import { beginRankOne, foldRankOne, lookRankOne, type RankOneState } from "./rank-one.js";

const backend = createReferenceBackend();
const columns = 53;
const weights = normalWeights(40 * columns, 71);

function blocks(rowCounts: readonly number[]): RowBlock[] {
  let begin = 0;
  return rowCounts.map((rows) => {
    const values = weights.slice(begin * columns, (begin + rows) * columns);
    begin += rows;
    return { values, rows, columns };
  });
}

function rounds(rowCounts: readonly number[], count: number): RankOneState {
  let state = beginRankOne({ rows: 40, columns });
  for (let round = 0; round < count; round++) {
    const partials = blocks(rowCounts).map((block) => structuredClone(lookRankOne(state, block, backend)));
    state = structuredClone(foldRankOne(state, partials));
  }
  return state;
}

describe("rank-one fit", () => {
  it("finds the same column factor from one block and from many, across worker borders", () => {
    const whole = rounds([40], 5).columnFactor;
    rounds([7, 1, 0, 30, 2], 5).columnFactor.forEach((factor, c) => {
      expect(factor).toBeCloseTo(whole[c]!, 12);
    });
  });

  it("stands still at the leading right singular vector", () => {
    const settled = rounds([40], 60);
    const next = foldRankOne(settled, [lookRankOne(settled, blocks([40])[0]!, backend)]);
    next.columnFactor.forEach((factor, c) => {
      expect(factor).toBeCloseTo(settled.columnFactor[c]!, 12);
    });
  });

  it("keeps the factor where every weight is 0", () => {
    const state = beginRankOne({ rows: 2, columns: 3 });
    const block = { values: new Float32Array(6), rows: 2, columns: 3 };
    expect(foldRankOne(state, [lookRankOne(state, block, backend)])).toEqual(state);
  });
});
