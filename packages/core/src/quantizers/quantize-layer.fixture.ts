import type { KernelBackend } from "../backend/kernel-backend.js";
import { createReferenceBackend } from "../backend/reference/reference-backend.js";
import { decodeTerms } from "../terms/decode-terms.js";
import { foldTransforms, type InputTransform } from "../terms/input-transform.js";
import type { Term } from "../terms/term.js";
import type { CalibratedLayer, CalibratedQuantizer } from "./calibrated-quantizer.js";
import { relativeOutputError } from "./output-error.js";
import { resolveOptions } from "./resolve-options.js";

const reference = createReferenceBackend();

export interface QuantizedLayerResult {
  readonly terms: readonly Term[];
  readonly inputTransforms: readonly InputTransform[];
  /** Weights that act on plain x. */
  readonly decoded: Float32Array;
  /** What the method left in the weights that it was given. */
  readonly left: Float32Array;
  /** tr(D·H·Dᵀ) / tr(W·H·Wᵀ). */
  readonly error: number;
}

/** A layer through a calibrated method; the weights stay as they are. */
export function quantizeLayer<O extends object>(
  method: CalibratedQuantizer<O>,
  given: Readonly<Record<string, unknown>>,
  layer: CalibratedLayer,
  backend: KernelBackend = reference,
): QuantizedLayerResult {
  const weights = { ...layer.weights, values: layer.weights.values.slice() };
  const { terms, inputTransforms } = method.quantizeLayer(
    { ...layer, weights },
    resolveOptions(method, given),
    backend,
  );
  const decoded = new Float32Array(weights.values.length);
  decodeTerms(terms, decoded, backend);
  foldTransforms(inputTransforms, { ...weights, values: decoded }, backend);
  const hessian = layer.statistics.values.hessian;
  const error = hessian ? relativeOutputError(layer.weights, decoded, hessian, backend) : Number.NaN;
  return { terms, inputTransforms, decoded, left: weights.values, error };
}
