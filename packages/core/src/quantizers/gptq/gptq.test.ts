import { beforeAll, describe, expect, it } from "vitest";
import { createReferenceBackend } from "../../backend/reference/reference-backend.js";
import { unpackCodes } from "../../bitpack/unpack-codes.js";
import type { AffineLayout } from "../../terms/affine.js";
import { checkTerm } from "../../terms/check-term.js";
import { readU32 } from "../../terms/index-array.js";
import { checkTransform } from "../../terms/input-transform.js";
import type { Term } from "../../terms/term.js";
import { termByteLength } from "../../terms/term-arrays.js";
import type { CalibratedLayer } from "../calibrated-quantizer.js";
import { hqq } from "../hqq/hqq.js";
import { relativeOutputError } from "../output-error.js";
import { quantizeLayer } from "../quantize-layer.fixture.js";
import { normalWeights, quantizeMatrix } from "../quantize-matrix.fixture.js";
import { resolveOptions } from "../resolve-options.js";
import { rtn } from "../rtn/rtn.js";
import { smallLayer } from "../small-layer.fixture.js";
import { syntheticLayer } from "../synthetic-layer.fixture.js";
import { gptq } from "./gptq.js";
import { quantizeByDefinition } from "./optimal-brain.fixture.js";

const backend = createReferenceBackend();
const ZEROS = ["symmetric", "integer", "float", "minimum"] as const;

function affine(terms: readonly Term[]): Term<AffineLayout> {
  return terms[0] as Term<AffineLayout>;
}

function codesOf({ layout, arrays }: Term<AffineLayout>): Uint8Array {
  const { rows, columns, bits } = layout;
  const codes = new Uint8Array(rows * columns);
  const rowBytes = arrays.codes.length / rows;
  for (let row = 0; row < rows; row++) {
    unpackCodes(arrays.codes.subarray(row * rowBytes), bits, columns, codes.subarray(row * columns));
  }
  return codes;
}

describe("gptq on the synthetic layer", () => {
  // A quarter of the rows: the factor is that of the whole layer, and rows are independent.
  const ROWS = 64;
  let layer: CalibratedLayer;
  const errors: Record<string, number> = {};

  beforeAll(() => {
    const { weights, statistics } = syntheticLayer();
    const values = weights.values.subarray(0, ROWS * weights.columns);
    layer = { weights: { ...weights, values, rows: ROWS }, statistics };
    for (const bits of [4, 3, 2]) {
      errors[`gptq${bits}`] = quantizeLayer(gptq, { bits, actOrder: false }, layer).error;
      errors[`act${bits}`] = quantizeLayer(gptq, { bits }, layer).error;
      errors[`rtn${bits}`] = dataFree(rtn, { bits, group: 128 });
    }
    errors["hqq4"] = dataFree(hqq, { bits: 4, group: 64 });
  }, 60_000);

  function dataFree(method: Parameters<typeof quantizeMatrix>[0], options: Record<string, unknown>): number {
    const { values, columns } = layer.weights;
    const { decoded } = quantizeMatrix(method, options, values, columns);
    return relativeOutputError(layer.weights, decoded, layer.statistics.values.hessian!, backend);
  }

  it.each([4, 3, 2])("is better than rounding at %i bits, and better still in act-order", (bits) => {
    expect(errors[`gptq${bits}`]).toBeLessThan(errors[`rtn${bits}`]! * 0.9);
    expect(errors[`act${bits}`]).toBeLessThan(errors[`gptq${bits}`]!);
  });

  it("in act-order with groups of 128 is better than HQQ with groups of 64 at 4 bits", () => {
    expect(errors["act4"]).toBeLessThan(errors["hqq4"]!);
  });

  it("has errors of the expected size", () => {
    for (const [name, low, high] of [
      ["act4", 0.005, 0.012],
      ["gptq4", 0.008, 0.015],
      ["gptq3", 0.03, 0.06],
      ["gptq2", 0.15, 0.35],
    ] as const) {
      expect(errors[name], name).toBeGreaterThan(low);
      expect(errors[name], name).toBeLessThan(high);
    }
  });

  it("with static groups stores no permutation, and still gains by act-order", () => {
    const result = quantizeLayer(gptq, { bits: 3, staticGroups: true }, layer);
    expect(result.inputTransforms).toEqual([]);
    expect(result.error).toBeLessThan(errors["gptq3"]!);
  }, 20_000);

  it("equals the definition with explicit inverse Hessians in f64", () => {
    const options = { bits: 3, group: 128, scaleDtype: "F32", actOrder: false } as const;
    const { terms, error, decoded } = quantizeLayer(gptq, options, layer);
    const wanted = quantizeByDefinition(layer, { bits: 3, groupSize: 128, damping: 0.01 });
    const wantedError = relativeOutputError(layer.weights, wanted.values, layer.statistics.values.hessian!, backend);
    expect(Math.abs(error / wantedError - 1)).toBeLessThan(0.002);

    const codes = codesOf(affine(terms));
    const { rows, columns } = layer.weights;
    let differentRows = 0;
    for (let row = 0; row < rows; row++) {
      const first = codes
        .subarray(row * columns, (row + 1) * columns)
        .findIndex((c, j) => c !== wanted.codes[row * columns + j]);
      if (first < 0) continue;
      differentRows++;
      // The first other code of a row lies within f32 rounding of a tie; the ones behind it follow from it.
      expect(wanted.tieDistance[row * columns + first], `row ${row}, column ${first}`).toBeLessThan(1e-4);
    }
    expect(differentRows).toBeLessThan(rows / 10);
    expect(decoded.every(Number.isFinite)).toBe(true);
  }, 30_000);
});

describe("gptq", () => {
  it("equals rounding to nearest where inputs are independent", () => {
    const layer = smallLayer({ rows: 9, columns: 80 });
    const hessian = new Float64Array((80 * 81) / 2);
    for (let j = 0; j < 80; j++) hessian[(j * (j + 3)) / 2] = 2;
    const independent = { ...layer, statistics: { ...layer.statistics, values: { hessian } } };
    for (const zero of ZEROS) {
      for (const bits of [2, 3, 4, 5, 6, 7, 8]) {
        const options = { bits, zero, group: 32, actOrder: false };
        const { terms } = quantizeLayer(gptq, options, independent);
        const rounded = quantizeMatrix(rtn, { bits, zero, group: 32 }, layer.weights.values, 80);
        expect(affine(terms)).toEqual(affine(rounded.terms));
      }
    }
  });

  it.each([
    [16, "a part of a block"],
    [48, "no divisor of a block"],
    [100, "one that crosses blocks"],
    [200, "longer than a block"],
    [256, "two blocks"],
    [1000, "longer than the row"],
    ["row", "the row"],
  ] as const)("with groups of %s, %s, gives what the definition gives", (group, _) => {
    const layer = smallLayer({ rows: 6, columns: 300 });
    const groupSize = group === "row" ? 300 : group;
    for (const zero of ["integer", "float"] as const) {
      const options = { bits: 3, group, zero, scaleDtype: "F32", actOrder: false };
      const { decoded } = quantizeLayer(gptq, options, layer);
      const wanted = quantizeByDefinition(layer, { bits: 3, groupSize, damping: 0.01, isFloat: zero === "float" });
      wanted.values.forEach((value, at) => {
        expect(Math.abs(decoded[at]! - value), `weight ${at}`).toBeLessThan(1e-5);
      });
    }
  });

  it.each([
    { actOrder: true },
    { actOrder: true, staticGroups: true },
    { actOrder: false, staticGroups: true },
    { actOrder: true, group: "row" },
    { actOrder: true, zero: "minimum", bits: 2 },
    { actOrder: true, zero: "float", bits: 5, shrink: 20 },
    { actOrder: true, zero: "symmetric", bits: 3, group: 7 },
  ])("decodes to the weights that the loop left, %j", (given) => {
    const layer = smallLayer({ rows: 5, columns: 150 });
    const options = { group: 32, ...given };
    const { terms, inputTransforms, decoded, left } = quantizeLayer(gptq, options, layer);
    for (const term of terms) checkTerm(term);
    for (const transform of inputTransforms) checkTransform(transform);
    const hasTransform = given.actOrder && !given.staticGroups && given.group !== "row";
    expect(inputTransforms.length).toBe(hasTransform ? 1 : 0);
    // `left` stands in the order of the loop.
    const order = actOrder(layer);
    for (let row = 0; row < 5; row++) {
      for (let c = 0; c < 150; c++) {
        const value = left[row * 150 + c]!;
        const found = decoded[row * 150 + (given.actOrder ? order[c]! : c)]!;
        expect(Math.abs(found - value)).toBeLessThanOrEqual(2e-6 * Math.abs(value) + 1e-6);
      }
    }
    if (hasTransform) expect([...readU32(inputTransforms[0]!.arrays["indices"]!)]).toEqual(order);
  });

  function actOrder({ statistics }: CalibratedLayer): number[] {
    const diagonal = Array.from({ length: 150 }, (_, j) => statistics.values.hessian![(j * (j + 3)) / 2]!);
    return diagonal.map((_, j) => j).sort((a, b) => diagonal[b]! - diagonal[a]! || a - b);
  }

  it("sets weights of dead inputs to 0 and goes on", () => {
    const layer = smallLayer({ rows: 4, columns: 70, dead: [3, 69] });
    for (const options of [{ actOrder: false }, { actOrder: true }, { staticGroups: true, group: 16 }]) {
      const { decoded } = quantizeLayer(gptq, options, layer);
      for (let row = 0; row < 4; row++) {
        for (const column of [3, 69]) expect(decoded[row * 70 + column]).toBe(0);
      }
      expect(decoded.every(Number.isFinite)).toBe(true);
    }
  });

  it("keeps groups of one value with zero minimum", () => {
    const layer = smallLayer({ rows: 2, columns: 32 });
    layer.weights.values.fill(0.25);
    const { decoded } = quantizeLayer(gptq, { zero: "minimum", group: 16 }, layer);
    for (const value of decoded) expect(value).toBe(0.25);
  });

  it("loses less in the weights with the shrink search at 2 bits", () => {
    const layer = smallLayer({ rows: 32, columns: 128 });
    const plain = quantizeLayer(gptq, { bits: 2, group: 64 }, layer).error;
    expect(quantizeLayer(gptq, { bits: 2, group: 64, shrink: 60, shrinkExponent: 2 }, layer).error).toBeLessThan(plain);
  });

  it("says beforehand what a layer becomes", () => {
    const shape = { rows: 6, columns: 300 };
    const layer = smallLayer(shape);
    for (const given of [{}, { staticGroups: true }, { group: "row", bits: 8 }, { zero: "float", group: 33 }]) {
      const options = resolveOptions(gptq, given);
      const { terms, inputTransforms } = quantizeLayer(gptq, given, layer);
      expect(gptq.layout(shape, options)).toEqual({
        terms: terms.map((term) => term.layout),
        transforms: inputTransforms.map((transform) => transform.layout),
      });
    }
    const options = resolveOptions(gptq, { bits: 4, group: 128 });
    expect(gptq.claimedBitsPerWeight({ rows: 8, columns: 512 }, options)).toBe(4 + 20 / 128);
    const bytes = termByteLength(gptq.layout({ rows: 8, columns: 512 }, options).terms[0]!);
    expect((8 * bytes) / (8 * 512)).toBe(4 + 20 / 128);
  });

  it.each([{ zero: "symmetric", includeZero: true }, { shrinkExponent: 2 }, { staticGroups: true, group: "row" }])(
    "refuses %j",
    (given) => {
      expect(() => resolveOptions(gptq, given)).toThrow(expect.objectContaining({ code: "options/conflict" }));
    },
  );

  it("refuses a layer without a Hessian, and one of another size", () => {
    const layer = smallLayer({ rows: 4, columns: 16 });
    const without = { ...layer, statistics: { ...layer.statistics, values: {} } };
    const values = { hessian: new Float64Array(10) };
    const other = { ...layer, statistics: { ...layer.statistics, values } };
    expect(() => quantizeLayer(gptq, {}, without)).toThrow(
      expect.objectContaining({ code: "quantize/missing-statistic" }),
    );
    expect(() => quantizeLayer(gptq, {}, other)).toThrow(expect.objectContaining({ code: "quantize/statistic-size" }));
  });

  it("takes a layer without rows and one of a single weight", () => {
    for (const [rows, columns] of [
      [0, 8],
      [1, 1],
      [3, 1],
    ] as const) {
      const layer = smallLayer({ rows, columns });
      expect(quantizeLayer(gptq, {}, layer).decoded.length).toBe(rows * columns);
    }
  });

  it("needs correlated inputs to gain: normal weights, correlated by one direction", () => {
    const layer = smallLayer({ rows: 16, columns: 64 });
    const values = normalWeights(16 * 64, 9);
    const normal = { ...layer, weights: { rows: 16, columns: 64, values } };
    const { decoded } = quantizeMatrix(rtn, { bits: 3, group: 64 }, values, 64);
    const rounded = relativeOutputError(normal.weights, decoded, layer.statistics.values.hessian!, backend);
    expect(quantizeLayer(gptq, { bits: 3, group: 64 }, normal).error).toBeLessThan(rounded);
  });
});
