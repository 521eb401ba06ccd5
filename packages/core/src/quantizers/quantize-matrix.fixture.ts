import { createReferenceBackend } from "../backend/reference/reference-backend.js";
import { quantizeMatrix as quantize } from "../pipeline/quantize-matrix.js";
import { decodeTerms } from "../terms/decode-terms.js";
import type { Term } from "../terms/term.js";
import type { Quantizer } from "./quantizer.js";

const backend = createReferenceBackend();

export interface QuantizedMatrix {
  readonly terms: readonly Term[];
  readonly decoded: Float32Array;
  /** Σ (w − ŵ)² / Σ w². */
  readonly relativeSquaredError: number;
}

/** A matrix through all passes of a method, in one block, on the reference backend. */
export function quantizeMatrix<O extends object, S>(
  quantizer: Quantizer<O, S>,
  given: Readonly<Record<string, unknown>>,
  values: Float32Array,
  columns: number,
): QuantizedMatrix {
  const block = { values, rows: values.length / columns, columns };
  const terms = quantize(quantizer, block, given, backend);
  const decoded = new Float32Array(values.length);
  decodeTerms(terms, decoded, backend);
  return { terms, decoded, relativeSquaredError: relativeSquaredError(values, decoded) };
}

function relativeSquaredError(values: Float32Array, decoded: Float32Array): number {
  const noise = values.reduce((sum, w, i) => sum + (w - decoded[i]!) ** 2, 0);
  return noise / values.reduce((sum, w) => sum + w * w, 0);
}

/** Seeded standard normal numbers (Box–Muller on mulberry32). */
export function normalWeights(length: number, seed: number): Float32Array {
  const uniform = uniformNumbers(seed);
  return Float32Array.from(
    { length },
    () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}

/** Student t with 4 degrees of freedom: a normal over the root of a mean of four squares of normals. */
export function studentWeights(length: number, seed: number): Float32Array {
  const normal = normalWeights(5 * length, seed);
  return Float32Array.from({ length }, (_, i) => {
    const [top, ...rest] = normal.subarray(5 * i, 5 * i + 5);
    return top! / Math.sqrt(rest.reduce((sum, z) => sum + z * z, 0) / 4);
  });
}

function uniformNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
