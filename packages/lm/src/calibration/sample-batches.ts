import type { DecoderConfig } from "../model/decoder-config.js";
import type { CalibrationSet } from "./calibration-set.js";
import { checkCount } from "./check-count.js";

/** Sizes of a calibration set. */
export type SampleShape = Pick<CalibrationSet, "samples" | "length">;

const DEFAULT_TOKENS = 2048;
const MOST_TOKENS = 2 ** 24;

/** Samples that run together: as many as `tokensPerBatch` holds, at least one. @throws `calibration/invalid-option` */
export function samplesPerBatch({ samples, length }: SampleShape, tokensPerBatch: number = DEFAULT_TOKENS): number {
  checkCount("tokens per batch", tokensPerBatch, 1, MOST_TOKENS);
  return Math.min(samples, Math.max(1, Math.floor(tokensPerBatch / length)));
}

/** @throws `calibration/invalid-option` for samples that are longer than the model's context */
export function checkSampleLength({ length }: SampleShape, { contextLength }: DecoderConfig): void {
  checkCount("sample length", length, 1, contextLength);
}
