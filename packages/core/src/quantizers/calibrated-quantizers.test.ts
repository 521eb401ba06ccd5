import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../backend/reference/reference-backend.js";
import { storedByteLength } from "../terms/bits-per-weight.js";
import { decodeTerms } from "../terms/decode-terms.js";
import { validateLayouts, validateWeight } from "../terms/quantized-weight.js";
import type { CalibratedLayer } from "./calibrated-quantizer.js";
import { CALIBRATED_QUANTIZERS } from "./calibrated-table.js";
import { HARD_LAYERS } from "./fits/hard-layers.fixture.js";
import { type QuantizedLayerResult, quantizeLayer } from "./quantize-layer.fixture.js";
import { resolveOptions } from "./resolve-options.js";
import { smallLayer } from "./small-layer.fixture.js";

type Case = readonly [method: string, given: Readonly<Record<string, unknown>>];

/** Every method with options that take another way through it. */
const CASES: readonly Case[] = [
  ["gptq", {}],
  ["gptq", { bits: 3, group: 16, actOrder: false }],
  ["gptq", { bits: 2, group: 16, staticGroups: true, zero: "symmetric" }],
  ["gptq", { bits: 3, group: "row", zero: "float", shrink: 20 }],
  ["gptqt", {}],
  ["gptqt", { bits: 2, group: 16, actOrder: true }],
  ["gptqt", { group: 24, coding: "least-squares" }],
  ["awq", {}],
  ["awq", { bits: 3, group: 16, zero: "minimum", clipSearch: false }],
  ["awq", { group: 16, scaleSearch: false }],
  ["gwq", {}],
  ["gwq", { group: 16, score: "taylor", base: "gptq", outliers: 0.05 }],
  ["gwq", { bits: 3, group: 16, score: "fisher" }],
  ["spqr", {}],
  ["spqr", { bits: 3, group: 8, rowsPerBlock: 3, outliers: "simplified", actOrder: false, damping: 0.01 }],
  ["spqr", { outliers: "none" }],
  ["pb-llm", {}],
  ["pb-llm", { share: 0.3, metric: "magnitude", fit: "biased" }],
  ["billm", {}],
  ["billm", { block: 16, mean: true, salientLimit: 3 }],
  ["billm", { block: 16, reference: true }],
  ["arb-llm", {}],
  ["arb-llm", { block: 16, variant: "x" }],
  ["arb-llm", { variant: "plain", columnGroupBitmap: false }],
  ["arb-llm", { columnGroupBitmap: false, block: 16 }],
  ["stbllm", {}],
  ["stbllm", { prune: 2, block: 16, mean: true }],
  ["stbllm", { prune: 3, reference: true }],
];

/** Those whose plan is exact: how many weights are kept or salient follows from shape and options alone. */
const EXACT_LAYOUTS = ["gptq", "gptqt", "awq", "gwq", "pb-llm"];

/** Those that work in place: what their loop leaves in the weights is what their terms stand for. */
const LOOPS_IN_PLACE = ["gptq", "gptqt", "pb-llm", "billm", "arb-llm", "stbllm"];

/** Those that code a row without a look at the others. */
const ROW_BY_ROW = ["gptq", "gptqt"];

function casesOf(methods: readonly string[]): readonly Case[] {
  return CASES.filter(([method]) => methods.includes(method));
}

const backend = createReferenceBackend();
const layer = smallLayer({ rows: 6, columns: 72, dead: [9], seed: 31 });

function run([method, given]: Case, on: CalibratedLayer = layer): QuantizedLayerResult {
  return quantizeLayer(CALIBRATED_QUANTIZERS[method]!, given, on);
}

function withWeights(change: (value: number, row: number, column: number) => number): CalibratedLayer {
  const { rows, columns, values } = layer.weights;
  const changed = values.map((value, at) => change(value, Math.floor(at / columns), at % columns));
  return { ...layer, weights: { rows, columns, values: changed } };
}

/** The rows with these numbers, with their gradients. */
function takeRows(rows: readonly number[]): CalibratedLayer {
  const { columns } = layer.weights;
  const pick = (all: Float32Array): Float32Array =>
    Float32Array.from(rows.flatMap((row) => [...all.subarray(row * columns, (row + 1) * columns)]));
  const { values } = layer.statistics;
  const shape = { rows: rows.length, columns };
  const gradients = {
    "gradient-abs": pick(values["gradient-abs"] as Float32Array),
    "gradient-square": pick(values["gradient-square"] as Float32Array),
  };
  return {
    weights: { ...shape, values: pick(layer.weights.values) },
    statistics: { ...layer.statistics, shape, values: { ...values, ...gradients } },
  };
}

function rowOf(values: Float32Array, row: number): Float32Array {
  const { columns } = layer.weights;
  return values.subarray(row * columns, (row + 1) * columns);
}

function expectClose(found: Float32Array, wanted: Float32Array, tolerance: number): void {
  expect(found.length).toBe(wanted.length);
  found.forEach((value, at) => {
    expect(Math.abs(value - wanted[at]!), `weight ${at}: ${value} for ${wanted[at]}`).toBeLessThanOrEqual(tolerance);
  });
}

/** The triangle of a Hessian of fewer tokens than inputs. */
function fewTokens(tokens: number): CalibratedLayer {
  const { columns } = layer.weights;
  const hessian = new Float64Array((columns * (columns + 1)) / 2);
  const values = smallLayer({ rows: tokens, columns, seed: 8 }).weights.values;
  backend.gramAccumulate({ rows: tokens, columns, values }, hessian);
  return { ...layer, statistics: { ...layer.statistics, values: { ...layer.statistics.values, hessian } } };
}

it("lists cases of every calibrated method", () => {
  expect(new Set(CASES.map(([method]) => method))).toEqual(new Set(Object.keys(CALIBRATED_QUANTIZERS)));
});

describe.each(CASES)("%s %o", (method, given) => {
  const quantizer = CALIBRATED_QUANTIZERS[method]!;
  const options = resolveOptions(quantizer, given);
  const plain = run([method, given]);

  it("gives terms that can be written, finite weights, and the bytes of its plan", () => {
    const { rows, columns } = layer.weights;
    const { terms, inputTransforms } = plain;
    validateWeight({
      shape: [rows, columns],
      terms,
      inputTransforms,
      provenance: { method, options: {}, lowbitVersion: "0" },
    });
    expect(plain.decoded.every(Number.isFinite)).toBe(true);
    const plan = quantizer.layout(layer.weights, options);
    validateLayouts([rows, columns], plan.terms, plan.transforms);
    expect(inputTransforms.map((transform) => transform.layout)).toEqual(plan.transforms);
    const layouts = terms.map((term) => term.layout);
    if (!EXACT_LAYOUTS.includes(method)) {
      expect(new Set(layouts.map(({ kind }) => kind))).toEqual(new Set(plan.terms.map(({ kind }) => kind)));
      return;
    }
    expect(layouts).toEqual(plan.terms);
    const stored = [...terms, ...inputTransforms].flatMap(({ arrays }) => Object.values(arrays as object));
    const bytes = stored.reduce((sum, array: Uint8Array) => sum + array.byteLength, 0);
    expect(bytes).toBe(storedByteLength(plan.terms, plan.transforms));
  });

  it("gives the same bytes again and leaves the shared statistics as they are", () => {
    const copy = structuredClone(layer.statistics);
    const again = run([method, given]);
    expect(again.terms).toEqual(plain.terms);
    expect(again.inputTransforms).toEqual(plain.inputTransforms);
    expect(layer.statistics).toEqual(copy);
  });

  it("stays better than nothing, also where tokens are fewer than inputs", () => {
    expect(plain.error).toBeLessThan(0.5);
    const few = run([method, given], fewTokens(12));
    expect(few.decoded.every(Number.isFinite)).toBe(true);
    expect(few.error).toBeLessThan(0.7);
  });

  it("codes weights times a power of two with the same codes", () => {
    const larger = run(
      [method, given],
      withWeights((w) => 8 * w),
    );
    expectClose(
      larger.decoded,
      plain.decoded.map((w) => 8 * w),
      0,
    );
  });

  it("reads a Hessian up to a constant", () => {
    const { statistics } = layer;
    const hessian = statistics.values.hessian!.map((sum) => sum / 4);
    const other = { ...layer, statistics: { ...statistics, values: { ...statistics.values, hessian } } };
    expect(run([method, given], other).terms).toEqual(plain.terms);
  });

  it("does not depend on the order of the rows", () => {
    // Blocks of three rows stay together: SpQR's scales share grids.
    const order = [4, 3, 5, 1, 2, 0];
    const { decoded } = run([method, given], takeRows(order));
    // Sums over rows may differ in rounding, which 16-bit scales hide but for a last bit.
    order.forEach((from, row) => {
      expectClose(rowOf(decoded, row), rowOf(plain.decoded, from), 2e-3);
    });
  });

  it("keeps zeros harmless: a row of them, and a layer of them", () => {
    const { decoded } = run(
      [method, given],
      withWeights((w, row) => (row === 2 ? 0 : w)),
    );
    expect(decoded.every(Number.isFinite)).toBe(true);
    expectClose(rowOf(decoded, 2), new Float32Array(layer.weights.columns), 0);
    const none = run(
      [method, given],
      withWeights(() => 0),
    );
    expectClose(none.decoded, new Float32Array(none.decoded.length), 0);
  });

  it.each(HARD_LAYERS)("takes a layer of %s", (_, hard) => {
    const { terms, inputTransforms, decoded } = run([method, given], hard);
    const { rows, columns } = hard.weights;
    validateWeight({
      shape: [rows, columns],
      terms,
      inputTransforms,
      provenance: { method, options: {}, lowbitVersion: "0" },
    });
    expect(decoded.every(Number.isFinite)).toBe(true);
  });
});

describe.each(casesOf(LOOPS_IN_PLACE))("%s %o works in place", (...of) => {
  it("and stores what its loop left", () => {
    const { terms, left } = run(of);
    // Before the transforms, and the order of the loop apart.
    const stored = new Float32Array(left.length);
    decodeTerms(terms, stored, backend);
    for (let row = 0; row < layer.weights.rows; row++) {
      expectClose(rowOf(stored, row).toSorted(), rowOf(left, row).toSorted(), 1e-5);
    }
  });
});

describe.each(casesOf(ROW_BY_ROW))("%s %o goes row by row", (...of) => {
  it("and gives a row that is alone the same codes", () => {
    expect(run(of, takeRows([3])).decoded).toEqual(rowOf(run(of).decoded, 3));
  });
});
