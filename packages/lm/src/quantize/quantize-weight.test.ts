import { createReferenceBackend } from "@lowbit/core/backend";
import { CALIBRATED_QUANTIZERS, QUANTIZERS, resolveOptions } from "@lowbit/core/quantizers";
import type { InputTransform } from "@lowbit/core/terms";
import { describe, expect, it } from "vitest";
import type { LayerChoice, OriginalWeight } from "./layer-choice.js";
import { quantizeWeight } from "./quantize-weight.js";

const backend = createReferenceBackend();
const [rows, columns] = [6, 8];
const values = Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i * 1.7) * (1 + (i % 3)));
const original: OriginalWeight = { name: "w", weights: { values, rows, columns } };
/** H of independent inputs, of size 1, 2, … */
const hessian = new Float32Array((columns * (columns + 1)) / 2);
for (let i = 0; i < columns; i++) hessian[(i * (i + 3)) / 2] = (i + 1) ** 2;
const statistics = {
  name: "w",
  shape: { rows, columns },
  inFeatures: columns,
  samples: 1,
  tokens: 1,
  values: { hessian },
};

function choice(name: string, given: Readonly<Record<string, unknown>> = {}): LayerChoice {
  const method = QUANTIZERS[name] ?? CALIBRATED_QUANTIZERS[name]!;
  return { method, options: resolveOptions(method, given) };
}

describe("quantizeWeight", () => {
  it("measures errors of weights and of outputs", () => {
    const { terms, figures } = quantizeWeight(
      { ...original, statistics },
      choice("rtn", { bits: 3, group: 4 }),
      backend,
    );
    const { errors, outputError, storedBytes } = figures;
    const approximation = new Float32Array(rows * columns);
    backend.affineDecode(terms[0] as Parameters<typeof backend.affineDecode>[0], approximation);
    let [signal, noise, outputSignal, outputNoise] = [0, 0, 0, 0];
    values.forEach((w, i) => {
      const weight = ((i % columns) + 1) ** 2;
      const error = (w - approximation[i]!) ** 2;
      signal += w * w;
      noise += error;
      outputSignal += weight * w * w;
      outputNoise += weight * error;
    });
    expect(errors.noise / errors.signal).toBeCloseTo(noise / signal, 6);
    expect(outputError).toBeCloseTo(outputNoise / outputSignal, 6);
    // 3-bit codes, and two groups a row with a scale and a zero point.
    const { layout } = terms[0]!;
    expect(layout).toMatchObject({ kind: "affine", bits: 3, groupSize: 4 });
    expect(storedBytes).toBeGreaterThanOrEqual((rows * columns * 3) / 8 + 2 * rows * 2);
  });

  it("refuses a layer that had no input, for methods that read its Hessian", () => {
    const empty = { ...original, statistics: { ...statistics, values: { hessian: hessian.map(() => 0) } } };
    expect(() => quantizeWeight(empty, choice("gptq"), backend)).toThrow(
      expect.objectContaining({ code: "quantize/no-input" }),
    );
    expect(quantizeWeight(empty, choice("rtn"), backend).terms).toHaveLength(1);
  });

  it("measures a transposed weight with the Hessian of its rows", () => {
    const turned = Float32Array.from(
      { length: values.length },
      (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!,
    );
    const weights = { values: turned, rows: columns, columns: rows };
    // One scale a weight of each: the same approximation on both sides.
    const plain = quantizeWeight({ ...original, statistics }, choice("rtn", { group: 1 }), backend);
    const transposed = quantizeWeight({ ...original, weights, statistics }, choice("rtn", { group: 1 }), backend, true);
    expect(transposed.figures.outputError).toBeCloseTo(plain.figures.outputError!, 7);
  });

  it("applies transforms before the method, and leaves the weights as they are", () => {
    const scale = new Float32Array(columns).fill(2);
    const transform: InputTransform = {
      layout: { kind: "channel-scale", columns, scaleDtype: "F32" },
      arrays: { scale: new Uint8Array(scale.buffer) },
    };
    const before = values.slice();
    const plain = quantizeWeight({ ...original, statistics }, choice("gptq", { bits: 4, group: 8 }), backend);
    const chosen = { ...choice("gptq", { bits: 4, group: 8 }), transforms: [transform] };
    const scaled = quantizeWeight({ ...original, statistics }, chosen, backend);
    expect(scaled.inputTransforms[0]).toBe(transform);
    // Powers of two change no code.
    expect(scaled.figures.outputError).toBeCloseTo(plain.figures.outputError!, 5);
    expect(values).toEqual(before);
  });

  it("names the weight when a scale overflows, or its method fails", () => {
    const huge = { ...original, weights: { rows, columns, values: values.map((value) => value * 1e30) } };
    expect(() => quantizeWeight(huge, choice("rtn"), backend)).toThrow(
      expect.objectContaining({ code: "pipeline/scale-overflow", facts: { tensor: "w" } }),
    );
    expect(() => quantizeWeight(original, choice("gptq"), backend)).toThrow(
      expect.objectContaining({ code: "quantize/missing-statistic", facts: expect.objectContaining({ weight: "w" }) }),
    );
  });

  it("refuses methods of layers, and transforms, for transposed weights", () => {
    const code = expect.objectContaining({ code: "quantize/transposed-layer" });
    expect(() => quantizeWeight({ ...original, statistics }, choice("gptq"), backend, true)).toThrow(code);
    const transforms = [{ layout: { kind: "permutation", columns }, arrays: {} }] as const;
    expect(() => quantizeWeight(original, { ...choice("rtn"), transforms }, backend, true)).toThrow(code);
  });
});
