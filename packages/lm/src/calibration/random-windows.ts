import { LowbitError } from "@lowbit/core/errors";
import { seededRandom } from "../generate/random-source.js";
import { type CalibrationSet, calibrationSet, LEAST_SAMPLE_LENGTH, MOST_SAMPLES } from "./calibration-set.js";
import { checkCount } from "./check-count.js";

export interface RandomWindowOptions {
  readonly samples: number;
  /** Tokens of a sample, the begin token included. */
  readonly length: number;
  /** 0 to 2^32 − 1. */
  readonly seed: number;
  readonly vocabularySize: number;
  /** Put before every window (it counts as one of `length` tokens), as in evaluation; absent: windows are text alone. */
  readonly beginToken?: number;
}

/**
 * Random windows of a text, as the GPTQ code takes them: every start is equally likely, windows may overlap.
 * @param text token ids of the whole text, without special tokens
 * @throws `calibration/text-too-short`, `calibration/invalid-option`, `calibration/token-outside-vocabulary`
 */
export async function randomWindows(text: Uint32Array, options: RandomWindowOptions): Promise<CalibrationSet> {
  const { samples, length, seed, vocabularySize, beginToken } = options;
  checkCount("samples", samples, 1, MOST_SAMPLES);
  checkCount("sample length", length, LEAST_SAMPLE_LENGTH, 2 ** 20);
  checkCount("seed", seed, 0, 2 ** 32 - 1);
  const head = beginToken === undefined ? 0 : 1;
  const window = length - head;
  if (text.length < window) {
    throw new LowbitError(
      "calibration/text-too-short",
      `The text has ${text.length} tokens; one sample takes ${window} of them.`,
      { found: text.length, needed: window },
    );
  }
  const outside = text.findIndex((id) => id >= vocabularySize);
  if (outside >= 0) {
    throw new LowbitError(
      "calibration/token-outside-vocabulary",
      `Token ${outside} of the text has the id ${text[outside]}; the vocabulary has the ids 0 to ${vocabularySize - 1}.`,
      { token: outside, found: text[outside]!, vocabularySize },
    );
  }
  const random = seededRandom(seed);
  const starts = text.length - window + 1;
  const ids = new Uint32Array(samples * length);
  for (let sample = 0; sample < samples; sample++) {
    const start = Math.floor(random() * starts);
    if (beginToken !== undefined) ids[sample * length] = beginToken;
    ids.set(text.subarray(start, start + window), sample * length + head);
  }
  const begin = beginToken === undefined ? "without begin token" : `each after begin token ${beginToken}`;
  const origin = `${samples} random windows of ${window} tokens of a text of ${text.length}, seed ${seed}, ${begin}`;
  return calibrationSet({ ids, length, vocabularySize, origin });
}
