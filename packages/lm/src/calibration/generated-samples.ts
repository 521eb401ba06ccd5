import type { KernelBackend } from "@lowbit/core/backend";
import { createKeyValueCache } from "../cache/key-value-cache.js";
import { activationRounding } from "../forward/activation-precision.js";
import { ComputeOps } from "../forward/compute-ops.js";
import { rotaryTables } from "../forward/rotary-tables.js";
import { passContext, runBlocks, runHead } from "../forward/run-model.js";
import { mostLikely, type TokenChooser, tokenChooser } from "../generate/choose-token.js";
import { seededRandom } from "../generate/random-source.js";
import type { LanguageModel } from "../model/language-model.js";
import { calibrationPause } from "./calibration-pause.js";
import { type CalibrationSet, calibrationSet, LEAST_SAMPLE_LENGTH, MOST_SAMPLES } from "./calibration-set.js";
import { checkCount } from "./check-count.js";

export interface GeneratedOptions {
  readonly samples: number;
  /** Tokens of a sample, the begin token included. */
  readonly length: number;
  /** 0 to 2^32 − 1. */
  readonly seed: number;
  /** First token of every sample; absent: a sample begins with its random token. */
  readonly beginToken?: number;
  readonly signal?: AbortSignal;
  /** Called after every position of a batch with samples done so far, in parts. */
  readonly onProgress?: (done: number) => void;
}

/** Tokens after the random one that are the most likely ones: 3 to 5, in turn from sample to sample (LLM-QAT's code). */
const LEAST_GREEDY = 3;
const GREEDY_CHOICES = 3;
const SAMPLES_PER_BATCH = 16;

/**
 * Samples that the model writes itself, as in LLM-QAT: a random token of the vocabulary, a few most likely tokens, then
 * tokens drawn from the model's probabilities. End tokens do not end a sample.
 * @throws `calibration/invalid-option`, `calibration/aborted`, `generate/non-finite`
 */
export async function generatedSamples(
  model: LanguageModel,
  backend: KernelBackend,
  options: GeneratedOptions,
): Promise<CalibrationSet> {
  const { samples, length, seed, beginToken } = options;
  const { vocabularySize, contextLength } = model.config;
  checkCount("samples", samples, 1, MOST_SAMPLES);
  checkCount("sample length", length, LEAST_SAMPLE_LENGTH, contextLength);
  checkCount("seed", seed, 0, 2 ** 32 - 1);
  const random = seededRandom(seed);
  const ids = new Uint32Array(samples * length);
  for (let first = 0; first < samples; first += SAMPLES_PER_BATCH) {
    const count = Math.min(SAMPLES_PER_BATCH, samples - first);
    const heads = Array.from({ length: count }, () => {
      const start = Math.floor(random() * vocabularySize);
      return beginToken === undefined ? [start] : [beginToken, start].slice(0, length);
    });
    const choosers = heads.map(() => tokenChooser({ temperature: 1, seed: Math.floor(random() * 2 ** 32) }));
    await writeBatch(model, backend, options, { first, heads, choosers }, ids);
  }
  const begin = beginToken === undefined ? "" : `, each after begin token ${beginToken}`;
  const origin = `${samples} samples of ${length} tokens written by the model, seed ${seed}${begin}`;
  return calibrationSet({ ids, length, vocabularySize, origin });
}

interface SampleBatch {
  readonly first: number;
  /** What each sample begins with, of equal lengths. */
  readonly heads: readonly (readonly number[])[];
  readonly choosers: readonly TokenChooser[];
}

async function writeBatch(
  model: LanguageModel,
  backend: KernelBackend,
  { length, signal, onProgress }: GeneratedOptions,
  { first, heads, choosers }: SampleBatch,
  ids: Uint32Array,
): Promise<void> {
  const sequences = heads.length;
  const headLength = heads[0]!.length;
  const ops = new ComputeOps(backend, activationRounding(model.config));
  const cache = createKeyValueCache(model.config, backend, { sequences, capacity: length });
  const rotary = rotaryTables(model.config, length);
  const pause = calibrationPause(signal);
  const place = (sequence: number, position: number): number => (first + sequence) * length + position;
  try {
    for (let position = 0; position < length - 1; position++) {
      await pause();
      heads.forEach((head, sequence) => {
        if (position < headLength) ids[place(sequence, position)] = head[position]!;
      });
      const tokens = Uint32Array.from(heads, (_, sequence) => ids[place(sequence, position)]!);
      const batch = { tokens, sequences, length: 1, firstPosition: position };
      const x = runBlocks(ops, model, batch, passContext(model, batch, rotary, cache.layers));
      const logits = runHead(ops, model, x);
      const { values, columns } = logits;
      heads.forEach((head, sequence) => {
        const next = position + 1;
        const isGreedy = next < headLength + LEAST_GREEDY + ((first + sequence) % GREEDY_CHOICES);
        const choose = isGreedy ? mostLikely : choosers[sequence]!;
        const row = values.subarray(sequence * columns, (sequence + 1) * columns);
        ids[place(sequence, next)] = next < headLength ? head[next]! : choose(row);
      });
      ops.release(x);
      ops.release(logits);
      onProgress?.(first + (sequences * (position + 2)) / length);
    }
  } finally {
    cache.release();
    ops.pool.trim();
  }
}
