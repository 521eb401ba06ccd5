import { createReferenceBackend, type KernelBackend } from "@lowbit/core/backend";
import {
  CALIBRATED_QUANTIZERS,
  type CalibratedLayer,
  type QuantizedLayer,
  relativeOutputError,
  resolveOptions,
} from "@lowbit/core/quantizers";
import { decodeTerms, foldTransforms } from "@lowbit/core/terms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RandomData } from "./random-data.js";

/** Options that reach every kernel of a method; methods without a line run with their defaults. */
const OPTIONS: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> = {
  gptq: [
    { bits: 3, group: 48 },
    { group: 48, staticGroups: true },
  ],
  gptqt: [{}, { coding: "least-squares", group: 48 }],
  awq: [{ bits: 3, group: 48 }],
  gwq: [{}, { base: "gptq", group: 48 }],
  spqr: [{}, { outliers: "none" }],
  "pb-llm": [{}],
  billm: [{}, { reference: true }],
  "arb-llm": [{}, { variant: "x" }, { variant: "plain" }],
  stbllm: [{}],
};

/** Of the weights of a layer: where a rounding moves one code, the loop moves a few after it. */
const MOST_MOVED = 0.01;

/**
 * Whole layers through the calibrated methods on a backend, against the reference. Sums of products may differ in rounding,
 * so the bytes need not be equal: few codes move, and the output error stays the same.
 * @param create a backend by the number of its threads
 */
export function defineCalibratedMethods(
  name: string,
  create: (threads: number) => KernelBackend | Promise<KernelBackend>,
): void {
  describe(`calibrated methods on ${name}`, () => {
    const oracle = createReferenceBackend();
    const backends: KernelBackend[] = [];
    beforeAll(async () => {
      backends.push(await create(1), await create(3));
    });
    afterAll(() => {
      for (const backend of backends) backend.close();
    });
    for (const method of Object.keys(CALIBRATED_QUANTIZERS)) {
      for (const given of OPTIONS[method] ?? [{}]) {
        it(`${method} ${JSON.stringify(given)}`, () => {
          const wanted = quantize(method, given, oracle);
          const found = quantize(method, given, backends[0]!);
          expect(quantize(method, given, backends[1]!)).toEqual(found);
          expect(found.terms.map(({ layout }) => layout.kind)).toEqual(wanted.terms.map(({ layout }) => layout.kind));
          const [found32, wanted32] = [decode(found, oracle), decode(wanted, oracle)];
          expect(movedShare(found32, wanted32)).toBeLessThan(MOST_MOVED);
          expect(outputError(found32, oracle) / outputError(wanted32, oracle)).toBeCloseTo(1, 1.5);
        });
      }
    }
  });
}

const ROWS = 20;
const COLUMNS = 200;
const TOKENS = 2 * COLUMNS;
let made: CalibratedLayer | undefined;

/** A copy of its own weights; inputs share one direction and differ in size, one is always 0. */
function layer(): CalibratedLayer {
  made ??= makeLayer();
  return { ...made, weights: { ...made.weights, values: made.weights.values.slice() } };
}

function makeLayer(): CalibratedLayer {
  const random = new RandomData(5);
  const shared = random.weights(TOKENS, 1);
  const x = random
    .weights(TOKENS * COLUMNS, 1)
    .map((noise, i) => (i % COLUMNS === 77 ? 0 : (noise + shared[Math.floor(i / COLUMNS)]!) * (1 + (i % 7))));
  const hessian = new Float64Array((COLUMNS * (COLUMNS + 1)) / 2);
  createReferenceBackend().gramAccumulate({ values: x, rows: TOKENS, columns: COLUMNS }, hessian);
  const meanAbs = new Float64Array(COLUMNS);
  x.forEach((value, i) => {
    meanAbs[i % COLUMNS]! += Math.abs(value) / TOKENS;
  });
  const gradients = random.weights(ROWS * COLUMNS).map(Math.abs);
  const shape = { rows: ROWS, columns: COLUMNS };
  return {
    weights: { ...shape, values: random.weights(ROWS * COLUMNS) },
    statistics: {
      name: "layer.weight",
      shape,
      inFeatures: COLUMNS,
      samples: 2,
      tokens: TOKENS,
      values: { hessian, "mean-abs": meanAbs, "gradient-abs": gradients },
    },
  };
}

function quantize(method: string, given: Readonly<Record<string, unknown>>, backend: KernelBackend): QuantizedLayer {
  const quantizer = CALIBRATED_QUANTIZERS[method]!;
  return quantizer.quantizeLayer(layer(), resolveOptions(quantizer, given), backend);
}

function decode({ terms, inputTransforms }: QuantizedLayer, backend: KernelBackend): Float32Array {
  const values = new Float32Array(ROWS * COLUMNS);
  decodeTerms(terms, values, backend);
  foldTransforms(inputTransforms, { values, rows: ROWS, columns: COLUMNS }, backend);
  return values;
}

function movedShare(found: Float32Array, wanted: Float32Array): number {
  const largest = wanted.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
  return found.filter((w, at) => Math.abs(w - wanted[at]!) > 2e-3 * largest).length / found.length;
}

function outputError(decoded: Float32Array, backend: KernelBackend): number {
  const { weights, statistics } = layer();
  return relativeOutputError(weights, decoded, statistics.values.hessian!, backend);
}
