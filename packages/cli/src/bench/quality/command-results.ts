import * as v from "valibot";
import type { MeasuredMean } from "./quality-row.js";

// The parts of `--json` answers of other commands that the bench reads. Numbers that are not finite are strings there.

const NUMBER = v.pipe(
  v.union([v.number(), v.picklist(["NaN", "Infinity", "-Infinity"])]),
  v.transform((value) => Number(value)),
);
const MEAN = v.object({ mean: NUMBER, standardError: v.optional(NUMBER) });

const QUANTIZATION = v.object({
  totals: v.object({
    claimedBitsPerWeight: v.number(),
    storedBitsPerWeight: v.number(),
    modelBitsPerWeight: v.number(),
  }),
  seconds: v.number(),
});

const EVALUATION = v.object({
  evaluation: v.object({
    perplexity: MEAN,
    protocol: v.object({ scoredTokens: v.number(), windows: v.number() }),
  }),
  against: v.optional(v.object({ comparison: v.object({ divergence: MEAN }) })),
  layers: v.optional(v.object({ layers: v.array(v.object({ name: v.string(), relativeError: NUMBER })) })),
  backend: v.string(),
  isa: v.string(),
  threads: v.number(),
});

const INSPECTION = v.object({ totals: v.object({ total: v.object({ parameters: v.number(), bytes: v.number() }) }) });

/** What `lowbit quantize` answers. */
export interface QuantizationResult {
  readonly totals: {
    readonly claimedBitsPerWeight: number;
    readonly storedBitsPerWeight: number;
    readonly modelBitsPerWeight: number;
  };
  readonly seconds: number;
}

/** What `lowbit evaluate` answers. */
export interface EvaluationResult {
  readonly evaluation: {
    readonly perplexity: Mean;
    readonly protocol: { readonly scoredTokens: number; readonly windows: number };
  };
  readonly against?: { readonly comparison: { readonly divergence: Mean } } | undefined;
  readonly layers?: { readonly layers: readonly { readonly relativeError: number }[] } | undefined;
  readonly backend: string;
  readonly isa: string;
  readonly threads: number;
}

/** What `lowbit inspect` answers. */
export interface InspectionResult {
  readonly totals: { readonly total: { readonly parameters: number; readonly bytes: number } };
}

interface Mean {
  readonly mean: number;
  readonly standardError?: number | undefined;
}

export function readInspection(json: unknown): InspectionResult {
  return v.parse(INSPECTION, json);
}

export function readQuantization(json: unknown): QuantizationResult {
  return v.parse(QUANTIZATION, json);
}

export function readEvaluation(json: unknown): EvaluationResult {
  return v.parse(EVALUATION, json);
}

/** Without the standard error where there is none. */
export function measuredMean({ mean, standardError }: Mean): MeasuredMean {
  return standardError === undefined || Number.isNaN(standardError) ? { mean } : { mean, standardError };
}
