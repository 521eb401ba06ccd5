import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../../backend/reference/reference-backend.js";
import type { AffineLayout } from "../../terms/affine.js";
import { outputEnergies } from "../output-error.js";
import { normalWeights } from "../quantize-matrix.fixture.js";
import { roundToNearest, sampleRows } from "./approximate-rows.js";
import { scaleColumns, searchScales, tieChannels } from "./search-scales.js";

const backend = createReferenceBackend();
const [ROWS, COLUMNS, TOKENS] = [12, 32, 200];

const x = normalWeights(TOKENS * COLUMNS, 1).map((value, i) => value * (i % COLUMNS === 5 ? 12 : 1 + (i % 3)));
const hessian = new Float64Array((COLUMNS * (COLUMNS + 1)) / 2);
backend.gramAccumulate({ values: x, rows: TOKENS, columns: COLUMNS }, hessian);
const meanAbs = new Float64Array(COLUMNS);
x.forEach((value, i) => {
  meanAbs[i % COLUMNS]! += Math.abs(value) / TOKENS;
});

const layers = [2, 3].map((seed) => ({
  rows: ROWS,
  columns: COLUMNS,
  values: normalWeights(ROWS * COLUMNS, seed),
}));
const LAYOUT: AffineLayout = {
  kind: "affine",
  rows: ROWS,
  columns: COLUMNS,
  bits: 3,
  granularity: "group",
  groupSize: 16,
  zero: "integer",
  scaleDtype: "F16",
};
const addApproximation = roundToNearest(LAYOUT, backend);
const input = { hessian, meanAbs };

describe("the scale search", () => {
  it("reports the output error of the scales that it returns, and takes the least", () => {
    const { inverse, ratio, losses } = searchScales([layers[0]!], input, addApproximation, "F32", backend);
    const errors = layers[0]!.values.map((w) => -w);
    const scaled = scaleColumns(layers[0]!, inverse);
    const decoded = new Float32Array(errors.length);
    addApproximation(scaled, decoded);
    errors.forEach((_, i) => {
      errors[i]! += decoded[i]! * inverse[i % COLUMNS]!;
    });
    const error = outputEnergies({ ...layers[0]!, values: errors }, hessian, backend).reduce((sum, e) => sum + e, 0);
    expect(losses[Math.round(20 * ratio)]! / error).toBeCloseTo(1, 5);
    expect(Math.min(...losses)).toBe(losses[Math.round(20 * ratio)]);
    expect(ratio).toBeGreaterThan(0);
    expect(losses[0]).toBeGreaterThan(1.1 * Math.min(...losses));
  });

  it("adds up the losses of layers that share an input", () => {
    const together = searchScales(layers, input, addApproximation, "F16", backend);
    const apart = layers.map((layer) => searchScales([layer], input, addApproximation, "F16", backend));
    together.losses.forEach((loss, i) => {
      expect(loss / (apart[0]!.losses[i]! + apart[1]!.losses[i]!)).toBeCloseTo(1, 5);
    });
  });

  it("gives inputs that are always 0 a finite scale", () => {
    const silent = { hessian, meanAbs: meanAbs.map((a, c) => (c === 3 ? 0 : a)) };
    const { inverse } = searchScales([layers[0]!], silent, addApproximation, "F16", backend);
    for (const value of inverse) expect(Number.isFinite(value) && value > 0).toBe(true);
  });

  it("gives tied channels one scale: the mean of what they see", () => {
    const channelOf = Array.from({ length: COLUMNS }, (_, c) => c % 8);
    const tied = tieChannels(meanAbs, channelOf);
    expect(tied[5]).toBeCloseTo((meanAbs[5]! + meanAbs[13]! + meanAbs[21]! + meanAbs[29]!) / 4, 12);
    const { inverse } = searchScales([layers[0]!], { hessian, meanAbs: tied }, addApproximation, "F16", backend);
    for (let c = 8; c < COLUMNS; c++) expect(inverse[c]).toBe(inverse[c - 8]);
  });
});

it("samples rows evenly", () => {
  const rows = { rows: 7, columns: 1, values: Float32Array.of(0, 1, 2, 3, 4, 5, 6) };
  expect([...sampleRows(rows, 3).values]).toEqual([0, 2, 4]);
  expect(sampleRows(rows, 7)).toBe(rows);
});
