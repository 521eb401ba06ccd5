import { expect } from "vitest";
import { validateLayouts, validateWeight } from "../../terms/quantized-weight.js";
import type { CalibratedLayer, CalibratedQuantizer } from "../calibrated-quantizer.js";
import { type QuantizedLayerResult, quantizeLayer } from "../quantize-layer.fixture.js";
import { resolveOptions } from "../resolve-options.js";

/**
 * A layer through a method: terms that can be written, finite weights, the values that the loop worked with, the same bytes
 * again, and a plan of as many terms.
 */
export function expectSoundLayer<O extends object>(
  method: CalibratedQuantizer<O>,
  given: Readonly<Record<string, unknown>>,
  layer: CalibratedLayer,
): QuantizedLayerResult {
  const { rows, columns } = layer.weights;
  const result = quantizeLayer(method, given, layer);
  const provenance = { method: method.name, options: {}, lowbitVersion: "0" };
  validateWeight({ shape: [rows, columns], terms: result.terms, inputTransforms: [], provenance });
  result.decoded.forEach((w, i) => {
    expect(Math.abs(w - result.left[i]!), `weight ${i}: ${w} stored, ${result.left[i]} in the loop`).toBeLessThan(1e-5);
  });
  expect(quantizeLayer(method, given, layer).terms).toEqual(result.terms);
  const options = resolveOptions(method, given);
  const plan = method.layout(layer.weights, options);
  validateLayouts([rows, columns], plan.terms, plan.transforms);
  expect(method.claimedBitsPerWeight(layer.weights, options)).toBeGreaterThan(0);
  return result;
}
