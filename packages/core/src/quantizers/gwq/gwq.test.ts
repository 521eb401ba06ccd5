import { beforeAll, describe, expect, it } from "vitest";
import { checkTerm } from "../../terms/check-term.js";
import { readU16, readU32 } from "../../terms/index-array.js";
import { readScales } from "../../terms/scale-array.js";
import type { SparseLayout } from "../../terms/sparse.js";
import type { Term } from "../../terms/term.js";
import type { CalibratedLayer } from "../calibrated-quantizer.js";
import { gptq } from "../gptq/gptq.js";
import { quantizeLayer } from "../quantize-layer.fixture.js";
import { normalWeights } from "../quantize-matrix.fixture.js";
import { resolveOptions } from "../resolve-options.js";
import { smallLayer } from "../small-layer.fixture.js";
import { syntheticLayer } from "../synthetic-layer.fixture.js";
import { gwq } from "./gwq.js";

/** Positions of the sparse term, row-major. */
function keptPositions(terms: readonly Term[]): number[] {
  const { layout, arrays } = terms[1] as Term<SparseLayout>;
  const starts = readU32(arrays.rowStarts);
  const columns = readU16(arrays.columnIndices);
  return Array.from(columns, (column, i) => starts.findLastIndex((start) => start <= i) * layout.columns + column);
}

function largest(scores: ArrayLike<number>, count: number): number[] {
  return Array.from(scores, (_, i) => i)
    .sort((a, b) => scores[b]! - scores[a]! || a - b)
    .slice(0, count)
    .sort((a, b) => a - b);
}

describe("gwq", () => {
  const shape = { rows: 12, columns: 90 };
  const layer = smallLayer(shape);
  const gradients = layer.statistics.values["gradient-abs"]!;
  const { values } = layer.weights;

  it.each([
    ["abs", gradients],
    ["taylor", values.map((w, i) => Math.abs(w * gradients[i]!))],
    ["fisher", gradients.map((g) => g * g)],
  ] as const)("keeps the weights with the largest score %s", (score, scores) => {
    for (const base of ["rtn", "gptq"]) {
      const { terms } = quantizeLayer(gwq, { score, base, outliers: 0.05, group: 32 }, layer);
      expect(keptPositions(terms)).toEqual(largest(scores, 54));
    }
  });

  it.each(["symmetric", "integer", "float", "minimum"])("keeps them as exactly as F16 can, zero %s", (zero) => {
    const { terms, decoded } = quantizeLayer(gwq, { bits: 2, zero, outliers: 0.1, group: 16 }, layer);
    for (const term of terms) checkTerm(term);
    for (const at of keptPositions(terms)) {
      // The value below is one of the grid: up to twice the largest weight of its group.
      expect(Math.abs(decoded[at]! - values[at]!)).toBeLessThan(8 * 2 ** -11);
    }
  });

  it("with the loop keeps what the loop made of them", () => {
    const options = { bits: 3, base: "gptq", outliers: 0.1, group: 16, scaleDtype: "F32" };
    for (const zero of ["integer", "minimum", "float"]) {
      const { terms, decoded, left } = quantizeLayer(gwq, { ...options, zero }, layer);
      const kept = new Set(keptPositions(terms));
      const residuals = readScales((terms[1] as Term<SparseLayout>).arrays.values, "F32");
      // `left` holds the rest of the kept ones, and of all others the value of the grid.
      left.forEach((value, at) => {
        if (!kept.has(at)) expect(Math.abs(decoded[at]! - value)).toBeLessThan(1e-5);
      });
      expect([...residuals]).toEqual([...kept].map((at) => left[at]));
      // With a whole zero point the grid holds 0, and the value stands in the sparse term alone.
      if (zero === "integer") for (const at of kept) expect(decoded[at]).toBe(left[at]);
    }
  });

  it("fits groups without what it keeps", () => {
    const spiked = { ...layer, weights: { ...layer.weights, values: values.slice() } };
    const [position] = largest(gradients, 1);
    spiked.weights.values[position!] = 1000;
    for (const base of ["rtn", "gptq"]) {
      const options = { bits: 4, outliers: 0.01, group: 16, base };
      const plain = quantizeLayer(gwq, options, layer);
      const { decoded, terms } = quantizeLayer(gwq, options, spiked);
      expect(terms[0]).toEqual(plain.terms[0]);
      expect(Math.abs(decoded[position!]! - 1000)).toBeLessThan(1);
    }
  });

  it("without outliers is its base", () => {
    const options = { bits: 3, group: 32, outliers: 0 };
    const { terms } = quantizeLayer(gwq, { ...options, base: "gptq" }, layer);
    expect(terms[0]).toEqual(quantizeLayer(gptq, { bits: 3, group: 32, actOrder: false }, layer).terms[0]);
    expect((terms[1] as Term<SparseLayout>).layout.count).toBe(0);
  });

  it("takes groups of which it keeps every weight", () => {
    const { decoded } = quantizeLayer(gwq, { outliers: 0.5, group: 2 }, layer);
    expect(decoded.every(Number.isFinite)).toBe(true);
  });

  it("says what it needs and what a layer becomes", () => {
    const needs = (given: object) => gwq.needs(resolveOptions(gwq, { ...given }));
    expect(needs({})).toEqual(["gradient-abs"]);
    expect(needs({ score: "taylor", base: "gptq" })).toEqual(["gradient-abs", "hessian"]);
    expect(needs({ score: "fisher" })).toEqual(["gradient-square"]);
    const options = resolveOptions(gwq, { bits: 3 });
    const { terms } = quantizeLayer(gwq, { bits: 3 }, layer);
    expect(gwq.layout(shape, options)).toEqual({ terms: terms.map((term) => term.layout), transforms: [] });
    expect(gwq.claimedBitsPerWeight({ rows: 8, columns: 512 }, options)).toBeCloseTo(0.99 * 3 + 0.32 + 19 / 128, 12);
  });

  it("refuses a damping that nothing reads, and missing gradients", () => {
    expect(() => resolveOptions(gwq, { damping: 0.1 })).toThrow(expect.objectContaining({ code: "options/conflict" }));
    const without = { ...layer, statistics: { ...layer.statistics, values: {} } };
    expect(() => quantizeLayer(gwq, {}, without)).toThrow(
      expect.objectContaining({ code: "quantize/missing-statistic" }),
    );
  });
});

describe("gwq on the synthetic layer", () => {
  const ROWS = 64;
  let layer: CalibratedLayer;

  beforeAll(() => {
    const { weights, statistics } = syntheticLayer();
    const { columns } = weights;
    const values = weights.values.subarray(0, ROWS * columns);
    // A loss that reads every output equally: |∂loss/∂w| is the mean |x| of the column, up to what the row adds.
    const meanAbs = statistics.values["mean-abs"]!;
    const rows = normalWeights(ROWS, 77).map((z) => Math.exp(0.3 * z));
    const gradients = values.map((_, i) => rows[Math.floor(i / columns)]! * meanAbs[i % columns]!);
    const all = { ...statistics.values, "gradient-abs": gradients };
    layer = { weights: { ...weights, rows: ROWS, values }, statistics: { ...statistics, values: all } };
  }, 30_000);

  it.each([4, 3, 2])(
    "loses less than the base alone at %i bits, and least over the loop",
    (bits) => {
      const error = (given: object) => quantizeLayer(gwq, { bits, ...given }, layer).error;
      const plain = error({ outliers: 0 });
      const kept = error({});
      const taylor = error({ score: "taylor" });
      const looped = error({ base: "gptq" });
      expect(kept).toBeLessThan(0.95 * plain);
      expect(taylor).toBeLessThan(0.95 * plain);
      expect(looped).toBeLessThan(kept);
      expect(looped).toBeLessThan(quantizeLayer(gptq, { bits, actOrder: false }, layer).error);
    },
    30_000,
  );
});
