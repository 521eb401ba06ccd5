import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RowBlock } from "../../tensor/row-block.js";
import { studentWeights } from "../quantize-matrix.fixture.js";
import { searchZoneBorders, type ZoneSearch, zoneNumbers } from "./magnitude-zones.js";

/** Σ (w − ŵ)² with every zone of every row binarized by itself. */
function zonedError({ values, rows, columns }: RowBlock, borders: Float64Array, search: ZoneSearch): number {
  let error = 0;
  const zoneOf = zoneNumbers({ values, rows, columns }, borders);
  for (let row = 0; row < rows; row++) {
    for (let zone = 0; zone <= borders.length; zone++) {
      const weights: number[] = [];
      for (let at = row * columns; at < (row + 1) * columns; at++) {
        if (zoneOf[at] === zone && search.kept?.[at] !== 0) weights.push(values[at]!);
      }
      const mean = search.hasMean ? weights.reduce((sum, w) => sum + w, 0) / (weights.length || 1) : 0;
      const scale = weights.reduce((sum, w) => sum + Math.abs(w - mean), 0) / (weights.length || 1);
      for (const w of weights) error += (Math.abs(w - mean) - scale) ** 2;
    }
  }
  return error;
}

/** numpy.quantile of magnitudes, 10 % to 90 %. */
function candidates(block: RowBlock, { steps, kept, extraZeros = 0 }: ZoneSearch): number[] {
  const pool = [...block.values].map(Math.abs).filter((_, at) => kept?.[at] !== 0);
  const sorted = [...new Array<number>(extraZeros).fill(0), ...pool].sort((a, b) => a - b);
  return Array.from({ length: steps }, (_, i) => {
    const position = (0.1 + (0.8 * i) / (steps - 1)) * (sorted.length - 1);
    const below = Math.floor(position);
    const next = sorted[Math.min(below + 1, sorted.length - 1)]!;
    return sorted[below]! + (position - below) * (next - sorted[below]!);
  });
}

describe("searchZoneBorders", () => {
  const search = fc.record({
    zones: fc.constantFrom<2 | 3>(2, 3),
    steps: fc.integer({ min: 2, max: 30 }),
    hasMean: fc.boolean(),
    extraZeros: fc.constantFrom(0, 0, 9),
  });

  it("leaves no more error than any candidate by definition", () => {
    fc.assert(
      fc.property(search, fc.integer({ min: 1 }), fc.boolean(), (options, seed, isPruned) => {
        const block = { rows: 4, columns: 13, values: studentWeights(4 * 13, seed) };
        const all = {
          ...options,
          ...(isPruned ? { kept: Uint8Array.from(block.values, (w) => (w > 0.9 ? 0 : 1)) } : {}),
        };
        const found = searchZoneBorders(block, all);
        expect(found.length).toBe(options.zones - 1);
        const tried = candidates(block, all);
        const error = zonedError(block, found, all);
        for (const p of tried) {
          if (options.zones === 3 && 2 * p > tried.at(-1)! * (1 - 1e-9)) continue;
          const borders = options.zones === 2 ? Float64Array.of(p) : Float64Array.of(p, 2 * p);
          expect(error).toBeLessThanOrEqual(zonedError(block, borders, all) * (1 + 1e-9) + 1e-9);
        }
      }),
    );
  });

  it.each([2, 3] as const)(
    "takes blocks of zeros, of one magnitude, and with nothing to look at: %i zones",
    (zones) => {
      const options = { zones, steps: 5, hasMean: true } as const;
      for (const value of [0, 1, -2]) {
        const borders = searchZoneBorders({ rows: 2, columns: 3, values: new Float32Array(6).fill(value) }, options);
        expect([...borders]).toEqual(zones === 2 ? [Math.abs(value)] : [Math.abs(value), 2 * Math.abs(value)]);
      }
      const none = { rows: 1, columns: 2, values: Float32Array.of(1, 2) };
      expect([...searchZoneBorders(none, { ...options, kept: new Uint8Array(2) })]).toEqual(zones === 2 ? [0] : [0, 0]);
      expect([...searchZoneBorders({ rows: 3, columns: 0, values: new Float32Array(0) }, options)][0]).toBe(0);
    },
  );
});

describe("zoneNumbers", () => {
  it("puts a magnitude that equals a border into the upper zone", () => {
    const block = { rows: 1, columns: 5, values: Float32Array.of(0.5, -1, 1.5, -2, 0) };
    expect([...zoneNumbers(block, Float64Array.of(1, 2))]).toEqual([0, 1, 1, 2, 0]);
  });
});
