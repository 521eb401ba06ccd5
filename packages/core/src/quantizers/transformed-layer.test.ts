import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../backend/index.js";
import { type InputTransform, transformActivations } from "../terms/input-transform.js";
import { validateLayouts } from "../terms/quantized-weight.js";
import type { CalibratedLayer } from "./calibrated-quantizer.js";
import { relativeOutputError } from "./output-error.js";
import { rotatedInput, rotationLayout } from "./rotated-input.js";
import { dividedInput, smoothScales } from "./smooth-scales.js";
import { transformLayer } from "./transformed-layer.js";

const backend = createReferenceBackend();
const COLUMNS = 24;
const TOKENS = 40;

function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const random = numbers(5);
const inputs = Float32Array.from({ length: TOKENS * COLUMNS }, (_, at) => (random() - 0.5) * (1 + (at % COLUMNS)));
const weights = Float32Array.from({ length: 6 * COLUMNS }, () => random() - 0.5);

/** Statistics of rows x, one sample, straight from their definitions. */
function layerOf(x: Float32Array): CalibratedLayer {
  const hessian = new Float32Array((COLUMNS * (COLUMNS + 1)) / 2);
  const meanSquare = new Float32Array(COLUMNS);
  const meanAbs = new Float32Array(COLUMNS);
  for (let i = 0, at = 0; i < COLUMNS; i++) {
    for (let j = 0; j <= i; j++, at++) {
      let sum = 0;
      for (let t = 0; t < TOKENS; t++) sum += x[t * COLUMNS + i]! * x[t * COLUMNS + j]!;
      hessian[at] = 2 * sum;
      if (i === j) meanSquare[i] = sum / TOKENS;
    }
    for (let t = 0; t < TOKENS; t++) meanAbs[i]! += Math.abs(x[t * COLUMNS + i]!) / TOKENS;
  }
  return {
    weights: { values: weights, rows: 6, columns: COLUMNS },
    statistics: {
      name: "layer",
      shape: { rows: 6, columns: COLUMNS },
      inFeatures: COLUMNS,
      samples: 1,
      tokens: TOKENS,
      values: {
        hessian,
        "mean-square": meanSquare,
        "mean-abs": meanAbs,
        "gradient-abs": weights.map(Math.abs),
        "gradient-square": weights.map((w) => w * w),
      },
    },
  };
}

const rotation = rotatedInput(rotationLayout(COLUMNS)!, numbers(9));
const scale = dividedInput(
  Float32Array.from({ length: COLUMNS }, (_, j) => 0.5 + j / 8),
  "F32",
);
const order = Uint32Array.from({ length: COLUMNS }, (_, i) => (i * 7) % COLUMNS);
const permutation: InputTransform = {
  layout: { kind: "permutation", columns: COLUMNS },
  arrays: { indices: new Uint8Array(order.buffer) },
};

/** Statistics collected on inputs that were transformed first. */
function collected(transforms: readonly InputTransform[]): CalibratedLayer {
  const x = inputs.slice();
  transformActivations(transforms, { values: x, rows: TOKENS, columns: COLUMNS }, backend);
  return layerOf(x);
}

function expectNear(found: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(found.length).toBe(expected.length);
  const size = Math.max(...Array.from(expected, Math.abs));
  for (let i = 0; i < found.length; i++) expect(Math.abs(found[i]! - expected[i]!)).toBeLessThan(1e-5 * size);
}

describe("transformLayer", () => {
  it.each([
    ["a rotation", [rotation]],
    ["a scale and a rotation", [scale, rotation]],
    ["a permutation and a scale", [permutation, scale]],
  ])("%s: the statistics are those collected on transformed inputs", (_, transforms) => {
    const layer = transformLayer(layerOf(inputs), transforms, ["hessian", "mean-square"], backend);
    const expected = collected(transforms).statistics.values;
    expectNear(layer.statistics.values.hessian!, expected.hessian!);
    expectNear(layer.statistics.values["mean-square"]!, expected["mean-square"]!);
    expect(layer.statistics.values["mean-abs"]).toBeUndefined();
  });

  it("outputs stay: W·T⁻¹ on T(x) has the energy of W on x", () => {
    const plain = layerOf(inputs);
    const layer = transformLayer(plain, [scale, rotation], ["hessian"], backend);
    const half = layer.weights.values.map((w) => w / 2);
    const error = relativeOutputError(layer.weights, half, layer.statistics.values.hessian!, backend);
    expect(error).toBeCloseTo(0.25, 6);
    // Half of one row only: the share of that row's energy shows that rows kept theirs.
    const mixed = (values: Float32Array) => values.map((w, at) => (at < COLUMNS ? w / 2 : w));
    expect(
      relativeOutputError(layer.weights, mixed(layer.weights.values), layer.statistics.values.hessian!, backend),
    ).toBeCloseTo(relativeOutputError(plain.weights, mixed(weights), plain.statistics.values.hessian!, backend), 6);
  });

  it("magnitudes and gradients follow permutations and scales", () => {
    const layer = transformLayer(
      layerOf(inputs),
      [permutation, scale],
      ["mean-abs", "gradient-abs", "gradient-square"],
      backend,
    );
    const { values } = layer.statistics;
    expectNear(values["mean-abs"]!, collected([permutation, scale]).statistics.values["mean-abs"]!);
    // ∂loss/∂(w/s) = s · ∂loss/∂w; T(x) = x / divisor, so s is 1 / divisor.
    const divisor = (j: number) => 0.5 + j / 8;
    const gradient = weights.map((_, at) => {
      const j = at % COLUMNS;
      return Math.abs(weights[at - j + order[j]!]!) / divisor(j);
    });
    expectNear(values["gradient-abs"]!, gradient);
    expectNear(
      values["gradient-square"]!,
      gradient.map((g) => g * g),
    );
  });

  it.each(["mean-abs", "gradient-abs", "gradient-square"] as const)("%s has no value for rotated inputs", (kind) => {
    expect(() => transformLayer(layerOf(inputs), [rotation], [kind], backend)).toThrow(
      expect.objectContaining({ code: "quantize/statistic-transform" }),
    );
  });

  it("a statistic that was not collected is named", () => {
    const plain = layerOf(inputs);
    const empty = { ...plain, statistics: { ...plain.statistics, values: {} } };
    expect(() => transformLayer(empty, [rotation], ["mean-square"], backend)).toThrow(
      expect.objectContaining({ code: "quantize/missing-statistic" }),
    );
  });

  it("leaves the layer as it was", () => {
    const plain = layerOf(inputs);
    const before = plain.statistics.values.hessian!.slice();
    transformLayer(plain, [rotation], ["hessian"], backend);
    expect(plain.weights.values).toEqual(weights);
    expect(plain.statistics.values.hessian).toEqual(before);
  });
});

describe("rotationLayout", () => {
  it.each([
    [768, { size: 768, order: 12 }],
    [256, { size: 256 }],
    [172, { size: 4 }],
    [20, { size: 20, order: 20 }],
  ])("%i columns", (columns, expected) => {
    const layout = rotationLayout(columns)!;
    expect(layout).toEqual({ kind: "hadamard", columns, ...expected });
    expect(() =>
      validateLayouts([1, columns], [{ kind: "dense", rows: 1, columns, valueDtype: "F32" }], [layout]),
    ).not.toThrow();
  });

  it("odd lengths have none", () => {
    expect(rotationLayout(7)).toBeUndefined();
    expect(rotationLayout(1)).toBeUndefined();
  });
});

describe("smoothScales", () => {
  const block = { values: Float32Array.of(1, -4, 0, 0.5, 2, 0), rows: 2, columns: 3 };

  it("is a^α / max|w|^(1 − α) around 1, and 1 for channels that nothing reads", () => {
    const raw = (a: number, w: number) => Math.sqrt(a / w);
    const middle = Math.sqrt(raw(9, 1) * raw(1, 4));
    const scales = smoothScales([block], [9, 1, 5], 0.5);
    expect(scales[0]).toBeCloseTo(raw(9, 1) / middle, 6);
    expect(scales[1]).toBeCloseTo(raw(1, 4) / middle, 6);
    expect(scales[2]).toBe(1);
  });

  it("takes the largest weight over all layers of a group", () => {
    const other = { values: Float32Array.of(8, 0, 0), rows: 1, columns: 3 };
    const [first, second] = smoothScales([block, other], [1, 1, 1], 0);
    expect(first! / second!).toBeCloseTo(4 / 8, 6);
  });

  it("α = 1 makes all inputs equal, and the layer keeps its outputs", () => {
    const plain = layerOf(inputs);
    const meanAbs = plain.statistics.values["mean-abs"]!;
    const transform = dividedInput(smoothScales([plain.weights], meanAbs, 1), "F16");
    const smoothed = transformLayer(plain, [transform], ["mean-abs", "hessian"], backend).statistics.values;
    const [least, greatest] = [Math.min(...smoothed["mean-abs"]!), Math.max(...smoothed["mean-abs"]!)];
    expect(greatest / least).toBeLessThan(1.002);
  });
});
