import { LowbitError } from "@lowbit/core/errors";
import { sha256 } from "../model/sha256.js";
import { checkCount } from "./check-count.js";

/** Samples (sequences of token ids of equal length) on which statistics are collected. */
export interface CalibrationSet {
  /** [samples · length], sample after sample. */
  readonly ids: Uint32Array;
  readonly samples: number;
  readonly length: number;
  /** How the samples were made, for reports: "128 windows of 512 tokens of text, seed 0, each after token 1". */
  readonly origin: string;
  /** SHA-256 of the length and all ids; equal for equal samples, however they were made. */
  readonly fingerprint: string;
}

/** Samples are runs of at least two tokens, so that each has a next-token loss. */
export const LEAST_SAMPLE_LENGTH = 2;
export const MOST_SAMPLES: number = 2 ** 20;
const MOST_LENGTH = 2 ** 20;

export interface TokenSamples {
  /** [samples · length]. */
  readonly ids: Uint32Array;
  readonly length: number;
  readonly vocabularySize: number;
  readonly origin?: string;
}

/**
 * A set of given token ids.
 * @throws `calibration/invalid-option`, `calibration/token-outside-vocabulary`
 */
export async function calibrationSet({ ids, length, vocabularySize, origin }: TokenSamples): Promise<CalibrationSet> {
  checkCount("sample length", length, LEAST_SAMPLE_LENGTH, MOST_LENGTH);
  const samples = checkCount(`samples of ${length} tokens in ${ids.length} ids`, ids.length / length, 1, MOST_SAMPLES);
  const outside = ids.findIndex((id) => id >= vocabularySize);
  if (outside >= 0) {
    const place = { sample: Math.floor(outside / length), token: outside % length };
    throw new LowbitError(
      "calibration/token-outside-vocabulary",
      `Token ${place.token} of sample ${place.sample} has the id ${ids[outside]}; the vocabulary has the ids 0 to ${vocabularySize - 1}.`,
      { ...place, found: ids[outside]!, vocabularySize },
    );
  }
  const fingerprint = await sha256(littleEndian([samples, length], ids));
  return { ids, samples, length, origin: origin ?? `${samples} samples of ${length} given token ids`, fingerprint };
}

function littleEndian(head: readonly number[], ids: Uint32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array((head.length + ids.length) * 4);
  const view = new DataView(bytes.buffer);
  const put = (value: number, place: number): void => view.setUint32(place * 4, value, true);
  for (const [i, value] of head.entries()) put(value, i);
  for (const [i, id] of ids.entries()) put(id, head.length + i);
  return bytes;
}
