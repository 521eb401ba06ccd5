import { DTYPES, type Dtype } from "../dtype/dtype-table.js";
import { LowbitError } from "../errors/index.js";
import type { CheckpointTensor } from "../safetensors/checkpoint.js";
import { elementCount } from "../tensor/matrix-shape.js";
import type { ElementSpan } from "./read-blocks.js";

/**
 * How a dtype is scanned.
 *
 * - `words`: 16-bit elements are counted by their bits; every figure is exact.
 * - `bytes`: dtypes whose elements fill bytes (8 and 4 bits) are counted by pairs of bytes; every figure is exact.
 * - `decoded`: 6-bit floats are decoded and counted by the upper half of their f32, which holds all of them; exact.
 * - `sums`: f32 and f64 (rounded to f32): moments, extremes and counts from the values, quantiles from the upper halves.
 */
export type ScanMethod = "words" | "bytes" | "decoded" | "sums";

/** Undefined: the dtype holds codes, indices or complex numbers, of which statistics say nothing. */
export function scanMethod(dtype: Dtype): ScanMethod | undefined {
  const { bits, class: kind } = DTYPES[dtype];
  if (kind === "float") return bits === 16 ? "words" : bits === 6 ? "decoded" : bits <= 8 ? "bytes" : "sums";
  if (kind === "complex" || bits > 16) return undefined;
  return bits === 16 ? "words" : "bytes";
}

export function requireScanMethod(tensor: CheckpointTensor): ScanMethod {
  const method = scanMethod(tensor.dtype);
  if (method !== undefined) return method;
  throw new LowbitError(
    "analysis/unsupported-dtype",
    `Tensor "${tensor.name}" is ${tensor.dtype}; statistics exist for floats and for integers of at most 16 bits.`,
    { tensor: tensor.name, dtype: tensor.dtype },
  );
}

/**
 * Elements of one segment: the unit in which power sums are kept, so that a figure does not depend on how a tensor is
 * divided among threads. Spans of a scan begin at multiples of it.
 */
export const SEGMENT_ELEMENTS: number = 2 ** 20;

/** Default span: 16 Mi elements, 32 MB of bf16. */
const SPAN_SEGMENTS = 16;

/** Divides a tensor into spans that can be scanned apart, in any order and on any thread; an empty one has one too. */
export function statisticsSpans(
  tensor: CheckpointTensor,
  segmentsPerSpan: number = SPAN_SEGMENTS,
): readonly ElementSpan[] {
  requireScanMethod(tensor);
  const count = elementCount(tensor.shape);
  const step = segmentsPerSpan * SEGMENT_ELEMENTS;
  const spans: ElementSpan[] = [];
  for (let begin = 0; begin < count; begin += step) spans.push({ begin, end: Math.min(begin + step, count) });
  return count === 0 ? [{ begin: 0, end: 0 }] : spans;
}

/** What the scan of one span found: plain data, which can cross to another thread. */
export interface StatisticsPartial extends ElementSpan {
  readonly tensor: string;
  /**
   * Counts of 16-bit words, [65536]: elements, pairs of bytes, or upper halves of f32, by the scan method. u32 for one
   * span, f64 (whole numbers up to 2^53) once merged.
   */
  readonly words: Uint32Array | Float64Array;
  /** `bytes`: the last byte of a tensor of an odd number of bytes. */
  readonly oddByte?: number;
  /** `sums` only. */
  readonly sums?: FloatSums;
}

export interface FloatSums {
  /** Σ w, Σ w², Σ w³, Σ w⁴ of every segment, [segments, 4]. */
  readonly segments: Float64Array;
  readonly minimum: number;
  readonly maximum: number;
  readonly nanCount: number;
  readonly infiniteCount: number;
  readonly zeroCount: number;
}

/**
 * Joins the partial results of consecutive spans; any grouping gives the same result.
 * @throws `analysis/partials-not-adjacent` when a span is missing, out of order, or of another tensor.
 */
export function mergeStatistics(partials: readonly StatisticsPartial[]): StatisticsPartial {
  const first = partials[0];
  if (!first) throw new LowbitError("analysis/partials-not-adjacent", "There is no partial result to merge.");
  const words = new Float64Array(first.words.length);
  let end = first.begin;
  for (const partial of partials) {
    if (partial.tensor !== first.tensor || partial.begin !== end) {
      throw new LowbitError(
        "analysis/partials-not-adjacent",
        `Elements ${partial.begin} … of "${partial.tensor}" do not follow elements … ${end} of "${first.tensor}".`,
        { tensor: partial.tensor, begin: partial.begin, expectedTensor: first.tensor, expectedBegin: end },
      );
    }
    end = partial.end;
    addWords(words, partial.words);
  }
  const oddByte = partials.at(-1)!.oddByte;
  const sums = partials.flatMap((partial) => (partial.sums ? [partial.sums] : []));
  return {
    tensor: first.tensor,
    begin: first.begin,
    end,
    words,
    ...(oddByte === undefined ? {} : { oddByte }),
    ...(sums.length === 0 ? {} : { sums: mergeSums(sums) }),
  };
}

function addWords(total: Float64Array, words: Uint32Array | Float64Array): void {
  for (let word = 0; word < total.length; word++) total[word]! += words[word]!;
}

function mergeSums(sums: readonly FloatSums[]): FloatSums {
  const segments = new Float64Array(sums.reduce((length, part) => length + part.segments.length, 0));
  let offset = 0;
  for (const part of sums) {
    segments.set(part.segments, offset);
    offset += part.segments.length;
  }
  const total = (figure: "nanCount" | "infiniteCount" | "zeroCount") =>
    sums.reduce((sum, part) => sum + part[figure], 0);
  return {
    segments,
    minimum: sums.reduce((least, part) => Math.min(least, part.minimum), Number.POSITIVE_INFINITY),
    maximum: sums.reduce((greatest, part) => Math.max(greatest, part.maximum), Number.NEGATIVE_INFINITY),
    nanCount: total("nanCount"),
    infiniteCount: total("infiniteCount"),
    zeroCount: total("zeroCount"),
  };
}
