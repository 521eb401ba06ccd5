import { expect, it } from "vitest";
import { createReferenceBackend } from "../../backend/reference/reference-backend.js";
import type { AffineLayout } from "../../terms/affine.js";
import { normalWeights } from "../quantize-matrix.fixture.js";
import { roundToNearest } from "./approximate-rows.js";
import { clipGroups } from "./clip-groups.js";

const backend = createReferenceBackend();
const [ROWS, COLUMNS, GROUP, TOKENS] = [6, 40, 16, 100];
const LAYOUT: AffineLayout = {
  kind: "affine",
  rows: ROWS,
  columns: COLUMNS,
  bits: 3,
  granularity: "group",
  groupSize: GROUP,
  zero: "integer",
  scaleDtype: "F16",
};

/** Output error of one row in columns begin … end − 1 over all tokens, in f64, as the released code measures it. */
function groupError(
  x: Float32Array,
  original: Float32Array,
  clipped: Float32Array,
  begin: number,
  end: number,
): number {
  const approximation = new Float32Array(COLUMNS);
  const row = { ...LAYOUT, rows: 1 };
  roundToNearest(row, backend)({ values: clipped, rows: 1, columns: COLUMNS }, approximation);
  let sum = 0;
  for (let token = 0; token < TOKENS; token++) {
    let difference = 0;
    for (let c = begin; c < end; c++) difference += x[token * COLUMNS + c]! * (approximation[c]! - original[c]!);
    sum += difference ** 2;
  }
  return sum;
}

it("finds for every row and group the clip that direct search over the tokens finds", () => {
  const inverse = Float32Array.from({ length: COLUMNS }, (_, c) => 2 ** ((c % 5) - 2));
  const plain = normalWeights(TOKENS * COLUMNS, 1);
  const hessian = new Float64Array((COLUMNS * (COLUMNS + 1)) / 2);
  backend.gramAccumulate({ values: plain, rows: TOKENS, columns: COLUMNS }, hessian);
  const x = plain.map((value, i) => value * inverse[i % COLUMNS]!);
  const weights = { values: normalWeights(ROWS * COLUMNS, 2), rows: ROWS, columns: COLUMNS };
  const original = weights.values.slice();
  clipGroups(weights, inverse, hessian, GROUP, roundToNearest(LAYOUT, backend), backend);

  const shrinks = new Set<number>();
  for (let row = 0; row < ROWS; row++) {
    for (let begin = 0; begin < COLUMNS; begin += GROUP) {
      const end = Math.min(begin + GROUP, COLUMNS);
      const before = original.subarray(row * COLUMNS, (row + 1) * COLUMNS);
      const largest = Math.max(...before.subarray(begin, end).map(Math.abs));
      let best = { error: Number.POSITIVE_INFINITY, shrink: 0 };
      for (let shrink = 0; shrink < 10; shrink++) {
        const limit = Math.fround(largest * (1 - shrink / 20));
        const clipped = before.map((w) => Math.min(Math.max(w, -limit), limit));
        const error = groupError(x, before, clipped, begin, end);
        if (error < best.error) best = { error, shrink };
      }
      shrinks.add(best.shrink);
      const limit = Math.fround(largest * (1 - best.shrink / 20));
      const found = weights.values.subarray(row * COLUMNS + begin, row * COLUMNS + end);
      expect(Math.max(...found.map(Math.abs))).toBe(limit);
    }
  }
  expect(shrinks.size).toBeGreaterThan(3);
});
