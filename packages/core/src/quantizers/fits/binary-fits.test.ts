import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../../backend/reference/reference-backend.js";
import { readScales } from "../../terms/scale-array.js";
import type { SignLayout } from "../../terms/sign.js";
import type { Term } from "../../terms/term.js";
import { allocateTerm } from "../../terms/term-arrays.js";
import { normalWeights } from "../quantize-matrix.fixture.js";
import { alternatingBinaryFit } from "./alternating-binary-fit.js";
import { blockGram } from "./block-gram.js";
import { approximationOf, randomPart, squaredError } from "./block-part.fixture.js";
import type { BlockPart, PartFit } from "./block-part.js";
import { greedyBinaryFit } from "./greedy-binary-fit.js";
import { inputAwareBinaryFit } from "./input-aware-binary-fit.js";
import { rowColumnBinaryFit } from "./row-column-binary-fit.js";

const ROUNDS = [1, 2, 3, 5, 9, 15];

const parts = fc
  .record({
    rows: fc.integer({ min: 1, max: 6 }),
    columns: fc.integer({ min: 1, max: 24 }),
    zones: fc.integer({ min: 1, max: 3 }),
    order: fc.constantFrom<1 | 2>(1, 2),
    seed: fc.integer({ min: 1, max: 1e6 }),
    isPruned: fc.boolean(),
  })
  .map(randomPart);

/** Rounding of the stored scales is what an error may rise by. */
function expectNoRise(errors: readonly number[]): void {
  for (let i = 1; i < errors.length; i++) expect(errors[i]).toBeLessThanOrEqual(errors[i - 1]! * (1 + 1e-5) + 1e-9);
}

/** S = Xᵀ·X of random inputs, packed and square. */
function randomGram(columns: number, seed: number): Float64Array {
  const x = normalWeights(3 * columns * columns, seed);
  const packed = new Float64Array((columns * (columns + 1)) / 2);
  for (let i = 0, at = 0; i < columns; i++) {
    for (let j = 0; j <= i; j++, at++) {
      for (let t = 0; t < 3 * columns; t++) packed[at]! += x[t * columns + i]! * x[t * columns + j]!;
    }
  }
  return blockGram(packed, 0, columns);
}

/** tr((W − Ŵ)·S·(W − Ŵ)ᵀ); pruned weights are taken as they are. */
function outputError(part: BlockPart, fit: PartFit, gram: Float64Array): number {
  const width = part.columns.length;
  const errors = approximationOf(part, fit).map((w, at) => part.values[at]! - w);
  let sum = 0;
  for (let row = 0; row < part.rows; row++) {
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) {
        sum += errors[row * width + i]! * gram[i * width + j]! * errors[row * width + j]!;
      }
    }
  }
  return sum;
}

describe("greedy fit", () => {
  it("takes mean, mean magnitude and signs of every zone, and again for what is left", () => {
    const part: BlockPart = {
      rows: 1,
      columns: Uint32Array.of(0, 1, 2, 3, 4),
      values: Float32Array.of(1, 3, -2, 100, 4),
      zoneOf: Uint8Array.of(0, 0, 1, 2, 1),
      zones: 2,
      order: 2,
    };
    const fit = greedyBinaryFit(part, true, "F32");
    expect(fit.scales.map((scales) => [...scales])).toEqual([
      [1, 3],
      [0, 0],
    ]);
    expect([...fit.mean!]).toEqual([2, 1]);
    expect([...approximationOf(part, fit)]).toEqual([1, 3, -2, 0, 4]);
  });

  it("is signFit where there is one zone", () => {
    const part = randomPart({ rows: 5, columns: 16, zones: 1, order: 1, seed: 5 });
    for (const hasMean of [true, false]) {
      const layout: SignLayout = {
        kind: "sign",
        rows: 5,
        columns: 16,
        granularity: "row",
        groupSize: 16,
        zones: 1,
        hasMean,
        hasColumnScale: false,
        scaleDtype: "F32",
      };
      const term: Term<SignLayout> = allocateTerm(layout);
      createReferenceBackend().signFit({ values: part.values.slice(), rows: 5, columns: 16 }, term);
      const fit = greedyBinaryFit(part, hasMean, "F32");
      readScales(term.arrays.scale, "F32").forEach((scale, row) => {
        expect(Math.abs(fit.scales[0]![row]! - scale)).toBeLessThan(1e-6);
      });
    }
  });
});

describe("refined fits", () => {
  it.each([true, false])("alternating: no round makes the error larger, masks and zones or not; mean %s", (hasMean) => {
    fc.assert(
      fc.property(parts, (part) => {
        const greedy = squaredError(part, greedyBinaryFit(part, hasMean, "F32"));
        const errors = ROUNDS.map((rounds) => squaredError(part, alternatingBinaryFit(part, hasMean, rounds, "F32")));
        expectNoRise([greedy, ...errors]);
      }),
    );
  });

  it("row and column scales: no round makes the error larger", () => {
    fc.assert(
      fc.property(parts, (part) => {
        expectNoRise(ROUNDS.map((rounds) => squaredError(part, rowColumnBinaryFit(part, rounds, "F32"))));
      }),
    );
  });

  it("input-aware: no round makes the output error larger, and it is below that of the greedy fit", () => {
    fc.assert(
      fc.property(parts, fc.boolean(), fc.integer({ min: 1, max: 1e6 }), (part, hasMean, seed) => {
        const gram = randomGram(part.columns.length, seed);
        const greedy = outputError(part, greedyBinaryFit(part, hasMean, "F32"), gram);
        const errors = ROUNDS.map((rounds) =>
          outputError(part, inputAwareBinaryFit([part], gram, hasMean, rounds, "F32")[0]!, gram),
        );
        // Pruned weights keep an error that no scale can take away: rounding is relative to that.
        for (const [i, error] of errors.entries()) {
          expect(error).toBeLessThanOrEqual((i === 0 ? greedy : errors[i - 1]!) * (1 + 1e-4) + 1e-6);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("input-aware: after many rounds no mean or scale can be changed for the better", () => {
    const part = randomPart({ rows: 3, columns: 16, zones: 2, order: 2, seed: 8 });
    const gram = randomGram(16, 9);
    const fit = inputAwareBinaryFit([part], gram, true, 3000, "F32")[0]!;
    const best = outputError(part, fit, gram);
    for (const values of [...fit.scales, fit.mean!]) {
      for (let at = 0; at < values.length; at++) {
        for (const step of [0.01, -0.01]) {
          values[at]! += step;
          expect(outputError(part, fit, gram)).toBeGreaterThan(best);
          values[at]! -= step;
        }
      }
    }
  });

  it("row and column scales find those that the weights were made of", () => {
    const rows = 12;
    const columns = 10;
    const part = randomPart({ rows, columns, zones: 2, order: 1, seed: 4 });
    const r = normalWeights(rows * 2, 5).map((z) => Math.exp(z));
    const c = normalWeights(columns, 6).map((z) => Math.exp(z));
    const values = part.values.map((w, at) => {
      const row = Math.floor(at / columns);
      return (w >= 0 ? 1 : -1) * r[2 * row + part.zoneOf[at]!]! * c[at % columns]!;
    });
    const made = { ...part, values };
    expect(squaredError(made, rowColumnBinaryFit(made, 60, "F32"))).toBeLessThan(
      1e-5 * values.reduce((s, w) => s + w * w, 0),
    );
  });

  it("take weights of 0, of one value, and parts without columns", () => {
    for (const order of [1, 2] as const) {
      for (const columns of [0, 1, 5]) {
        for (const value of [0, -0, 3, -1e-30]) {
          const random = randomPart({ rows: 2, columns, zones: 2, order, seed: 1, isPruned: true });
          const part = { ...random, values: new Float32Array(2 * columns).fill(value) };
          const gram = new Float64Array(columns * columns);
          const fits = [
            greedyBinaryFit(part, true, "F16"),
            alternatingBinaryFit(part, true, 3, "F16"),
            rowColumnBinaryFit(part, 3, "F16"),
            inputAwareBinaryFit([part], gram, true, 3, "F16")[0]!,
          ];
          for (const fit of fits) {
            approximationOf(part, fit).forEach((w, at) => {
              expect(w).toBeCloseTo(part.zoneOf[at] === 2 ? 0 : value, 6);
            });
          }
        }
      }
    }
  });
});
