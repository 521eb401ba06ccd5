import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { createReferenceBackend } from "../../backend/reference/reference-backend.js";
import { roundHalfEven } from "../../linalg/round-half-even.js";
import { storedBitsPerWeight } from "../../terms/bits-per-weight.js";
import { checkTerm } from "../../terms/check-term.js";
import { decodeTerms } from "../../terms/decode-terms.js";
import type { SparseLayout } from "../../terms/sparse.js";
import { termByteLength } from "../../terms/term-arrays.js";
import type { CalibratedLayer } from "../calibrated-quantizer.js";
import { gptq } from "../gptq/gptq.js";
import { quantizeLayer } from "../quantize-layer.fixture.js";
import { resolveOptions } from "../resolve-options.js";
import { smallLayer } from "../small-layer.fixture.js";
import { syntheticLayer } from "../synthetic-layer.fixture.js";
import { likelyOutliers } from "./leave-one-out.js";
import { spqr } from "./spqr.js";
import { spqrByDefinition } from "./spqr-definition.fixture.js";

const backend = createReferenceBackend();

describe("spqr on the synthetic layer", () => {
  const ROWS = 64;
  let layer: CalibratedLayer;
  const found: Record<string, { error: number; bits: number }> = {};

  beforeAll(() => {
    const { weights, statistics } = syntheticLayer();
    const values = weights.values.subarray(0, ROWS * weights.columns);
    layer = { weights: { ...weights, values, rows: ROWS }, statistics };
    const add = (name: string, method: typeof spqr | typeof gptq, options: object) => {
      const { terms, error } = quantizeLayer(method as typeof spqr, { ...options }, layer);
      // Permutations and row starts weigh less the more rows and columns there are: left out on both sides.
      const bits = storedBitsPerWeight(
        layer.weights,
        terms.map((term) => term.layout),
      );
      found[name] = { error, bits };
    };
    add("gptq4 g16", gptq, { bits: 4, group: 16 });
    add("gptq4 g32", gptq, { bits: 4, group: 32 });
    add("gptq3 g16", gptq, { bits: 3, group: 16 });
    // The damping of GPTQ: 1, the default here, gives away what correlated inputs allow.
    const damping = 0.01;
    for (const outliers of ["leave-one-out", "simplified", "none"]) {
      add(`spqr4 ${outliers}`, spqr, { outliers, damping });
      add(`spqr3 ${outliers}`, spqr, { bits: 3, outliers, damping });
    }
  }, 60_000);

  it("is below GPTQ in act-order with groups as small, at 4 bits with fewer stored bits", () => {
    expect(found["spqr4 leave-one-out"]!.error).toBeLessThan(found["gptq4 g16"]!.error);
    expect(found["spqr4 leave-one-out"]!.bits).toBeLessThan(found["gptq4 g16"]!.bits);
    expect(found["spqr3 leave-one-out"]!.error).toBeLessThan(0.6 * found["gptq3 g16"]!.error);
  });

  it("is below GPTQ in act-order with about its bits", () => {
    const [ours, theirs] = [found["spqr4 leave-one-out"]!, found["gptq4 g32"]!];
    expect(Math.abs(ours.bits - theirs.bits)).toBeLessThan(0.25);
    expect(ours.error).toBeLessThan(0.7 * theirs.error);
  });

  it.each([4, 3])("gains by kept weights, and more by the leave-one-out test, at %i bits", (bits) => {
    const error = (outliers: string): number => found[`spqr${bits} ${outliers}`]!.error;
    expect(error("simplified")).toBeLessThan(error("none"));
    expect(error("leave-one-out")).toBeLessThan(error("simplified"));
  });

  it.each(["leave-one-out", "simplified"] as const)(
    "equals the definition in f64 (%s)",
    (outliers) => {
      const options = { bits: 3, outliers, actOrder: false, scaleDtype: "F32" };
      const rows = 24; // a block of 16 rows and half of one
      const values = layer.weights.values.subarray(0, rows * layer.weights.columns);
      const part = { ...layer, weights: { ...layer.weights, rows, values } };
      const { decoded, terms } = quantizeLayer(spqr, options, part);
      const wanted = spqrByDefinition(part, {
        bits: 3,
        group: 16,
        statisticBits: 3,
        rowsPerBlock: 16,
        threshold: 0.2,
        damping: 1,
        isSimplified: outliers === "simplified",
      });
      const keptCount = wanted.kept.reduce((sum, kept) => sum + kept, 0);
      expect(keptCount).toBeGreaterThan(0.005 * values.length);
      expect((terms[1]!.layout as SparseLayout).count / keptCount).toBeCloseTo(1, 2);
      // A tie that rounding decides changes what follows in its row, and the grids of its block a little.
      const equal = decoded.filter((value, at) => Math.abs(value - wanted.values[at]!) < 1e-6).length;
      expect(equal / decoded.length).toBeGreaterThan(0.97);
    },
    60_000,
  );
});

describe("likelyOutliers", () => {
  /** The test as the released code has it: a grid for every weight that is left out. */
  function byDefinition(group: readonly number[], diagonal: Float32Array, bits: number, threshold: number): number[] {
    const error = (left: number): number => {
      const others = group.filter((_, i) => i !== left);
      const minimum = Math.min(...others);
      const scale = (Math.max(...others) - minimum) / (2 ** bits - 1);
      const value = (w: number): number =>
        scale === 0 ? minimum : minimum + scale * roundHalfEven((w - minimum) / scale);
      return group.reduce((sum, w, i) => (i === left ? sum : sum + ((w - value(w)) / diagonal[i]!) ** 2), 0);
    };
    return group.map((_, i) => (error(-1) - error(i) > threshold ? 1 : 0));
  }

  it("marks what a grid for every left-out weight marks", () => {
    const group = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 2, maxLength: 17 });
    fc.assert(
      fc.property(
        group,
        fc.integer({ min: 2, max: 4 }),
        fc.double({ min: 0.01, max: 2, noNaN: true }),
        (g, bits, t) => {
          const values = Float32Array.from(g);
          const diagonal = values.map((_, i) => 0.5 + (i % 3) / 4);
          const marked = likelyOutliers({ values, rows: 1, columns: g.length }, diagonal, bits, t);
          expect([...marked]).toEqual(byDefinition([...values], diagonal, bits, t));
        },
      ),
    );
  });

  it("marks a weight far from the others, and none of a group that fits its grid", () => {
    const even = [0, 1, 2, 3, 4, 5, 6, 7, 7, 6, 5, 4, 3, 2, 1, 0];
    const odd = [...even.slice(0, 15).map((w) => w + 0.45 * (w % 2)), 40];
    const marked = likelyOutliers(
      { values: Float32Array.of(...even, ...odd), rows: 2, columns: 16 },
      new Float32Array(16).fill(1),
      3,
      30,
    );
    expect([...marked]).toEqual([...Array(31).fill(0), 1]);
  });
});

describe("spqr", () => {
  it("takes 4.625 bits without outliers, and 3.945 of 3 bits with 1 %, by formula and by bytes", () => {
    const shape = { rows: 400, columns: 4096 };
    const weights = shape.rows * shape.columns;
    const plain = resolveOptions(spqr, { bits: 4, outliers: "none", actOrder: false });
    expect(spqr.claimedBitsPerWeight(shape, plain)).toBe(4.625);
    expect(storedBitsPerWeight(shape, spqr.layout(shape, plain).terms)).toBe(4.625);

    const kept = resolveOptions(spqr, { bits: 3, actOrder: false });
    expect(spqr.claimedBitsPerWeight(shape, kept)).toBeCloseTo(3.945, 12);
    const { terms } = spqr.layout(shape, kept);
    expect((terms[1] as SparseLayout).count).toBe(weights / 100);
    // The formula leaves out the row starts, 4 bytes a row.
    const bytes = terms.reduce((sum, term) => sum + termByteLength(term), 0) - 4 * (shape.rows + 1);
    expect((8 * bytes) / weights).toBeCloseTo(3.945, 12);
  });

  it("keeps weights with an error above the threshold to the precision of their dtype, the others on the grid", () => {
    const layer = smallLayer({ rows: 20, columns: 64 });
    const { terms, left, decoded } = quantizeLayer(spqr, { bits: 3, actOrder: false, threshold: 0.05 }, layer);
    const [base, sparse] = terms;
    expect((sparse!.layout as SparseLayout).count).toBeGreaterThan(20);
    const grid = new Float32Array(left.length);
    decodeTerms([base!], grid, backend);
    // `left` holds, where a weight was kept, the difference that is stored.
    decoded.forEach((value, at) => {
      const isKept = Math.abs(value - grid[at]!) > 0;
      const wanted = isKept ? grid[at]! + left[at]! : left[at]!;
      expect(Math.abs(value - wanted)).toBeLessThanOrEqual(isKept ? 2 ** -11 * Math.abs(left[at]!) + 1e-7 : 1e-6);
    });
  });

  it("keeps nearly everything with a threshold of 0", () => {
    const layer = smallLayer({ rows: 8, columns: 32 });
    const { decoded, error } = quantizeLayer(spqr, { threshold: 0, scaleDtype: "F32" }, layer);
    decoded.forEach((value, at) => {
      expect(Math.abs(value - layer.weights.values[at]!)).toBeLessThan(1e-6);
    });
    expect(error).toBeLessThan(1e-10);
  });

  it.each([
    { rows: 20, columns: 100, group: 16 },
    { rows: 1, columns: 40, group: 16 },
    { rows: 33, columns: 15, group: 16 },
    { rows: 16, columns: 300, group: 200 },
    { rows: 0, columns: 8, group: 16 },
    { rows: 3, columns: 1, group: 16 },
  ])("takes $rows rows and $columns columns in groups of $group", ({ rows, columns, group }) => {
    const layer = smallLayer({ rows, columns });
    for (const actOrder of [false, true]) {
      const { terms, decoded, error } = quantizeLayer(spqr, { group, actOrder }, layer);
      for (const term of terms) checkTerm(term);
      expect(decoded.every(Number.isFinite)).toBe(true);
      if (rows > 0) expect(error).toBeLessThan(0.05);
    }
  });

  it("sets weights of dead inputs to 0, and quantizes constant groups exactly", () => {
    const layer = smallLayer({ rows: 4, columns: 64, dead: [3, 40] });
    const { decoded } = quantizeLayer(spqr, { outliers: "none", group: 8 }, layer);
    for (let row = 0; row < 4; row++)
      for (const column of [3, 40]) expect(Math.abs(decoded[row * 64 + column]!)).toBeLessThan(0.2);
    layer.weights.values.fill(0.25);
    const constant = quantizeLayer(spqr, { outliers: "none", group: 8 }, smallLayerOf(layer));
    for (const value of constant.decoded) expect(value).toBe(0.25);
  });

  function smallLayerOf(layer: CalibratedLayer): CalibratedLayer {
    const { weights, statistics } = smallLayer({ rows: 4, columns: 64 });
    return { weights: { ...weights, values: layer.weights.values }, statistics };
  }

  it("says beforehand what a layer becomes, but for the number of kept weights", () => {
    const shape = { rows: 6, columns: 300 };
    for (const given of [{}, { outliers: "none", bits: 3 }, { actOrder: false, group: 33, rowsPerBlock: 5 }]) {
      const { terms, inputTransforms } = quantizeLayer(spqr, given, smallLayer(shape));
      const planned = spqr.layout(shape, resolveOptions(spqr, given));
      const withoutCount = (layout: object) => ({ ...layout, count: 0 });
      expect(terms.map(({ layout }) => withoutCount(layout))).toEqual(planned.terms.map(withoutCount));
      expect(inputTransforms.map(({ layout }) => layout)).toEqual(planned.transforms);
    }
  });

  it("refuses a threshold without outliers", () => {
    expect(() => resolveOptions(spqr, { outliers: "none", threshold: 0.1 })).toThrow(
      expect.objectContaining({ code: "options/conflict" }),
    );
  });
});
