import { createReferenceBackend } from "@lowbit/core/backend";
import { relativeOutputError } from "@lowbit/core/quantizers";
import { decodeTerms, foldTransforms } from "@lowbit/core/terms";
import { describe, expect, it } from "vitest";
import { renderCalibrated } from "../commands/bench-calibrated.js";
import { layerQuantizer, measureCalibrated } from "./calibrated.js";
import { generateLayer } from "./generated-layer.js";

const SIZE = 32;
const backend = createReferenceBackend();

describe("measureCalibrated", () => {
  it("measures a method beside the products that it is made of", () => {
    const steps: string[] = [];
    const options = { method: "gptq", methodOptions: { group: 16 }, size: SIZE, rounds: 2 };
    const bench = measureCalibrated(backend, { ...options, onStep: (step) => steps.push(step) });
    expect(bench).toMatchObject({ backend: "reference", method: "gptq", size: SIZE, rounds: 2 });
    expect(bench.figures.map(({ name }) => name.split(/[ ,]/)[0])).toEqual(["matmul", "Gram", "inverse", "gptq"]);
    for (const { seconds, allSeconds, gigaflops } of bench.figures.slice(0, 3)) {
      expect(allSeconds).toHaveLength(2);
      expect(seconds).toBeGreaterThan(0);
      expect(gigaflops).toBeGreaterThan(0);
    }
    expect(bench.figures[0]!.shareOfMatmul).toBe(1);
    expect(bench.figures[3]!.gigaflops).toBeUndefined();
    expect(steps).toContain("round 2 of 2: gptq");
    expect(renderCalibrated(bench)).toContain("gptq of a layer of 32 × 32");
  });

  it("names the methods that there are", () => {
    expect(() => layerQuantizer("rtn")).toThrow(expect.objectContaining({ code: "options/unknown-method" }));
    expect(() => layerQuantizer("gptq", { bits: 9 })).toThrow(
      expect.objectContaining({ code: "options/invalid-value" }),
    );
  });
});

describe("generateLayer", () => {
  it("makes a layer of full rank that gptq quantizes", () => {
    const layer = generateLayer(SIZE, backend);
    expect(layer.tokens).toBeGreaterThanOrEqual(2 * SIZE);
    const { terms, inputTransforms } = layerQuantizer("gptq", { group: 16, actOrder: true })(backend, layer)();
    const decoded = { rows: SIZE, columns: SIZE, values: new Float32Array(SIZE * SIZE) };
    decodeTerms(terms, decoded.values, backend);
    foldTransforms(inputTransforms, decoded, backend);
    const weights = { rows: SIZE, columns: SIZE, values: layer.weights };
    const error = relativeOutputError(weights, decoded.values, layer.hessian, backend);
    expect(error).toBeGreaterThan(0);
    expect(error).toBeLessThan(0.01);
  });
});
