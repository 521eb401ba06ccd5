import type { Block, DecoderConfig, LanguageModel, LinearLayer, NormLayer } from "../index.js";
import { seededRandom } from "./random-source.js";

/** A Llama-shaped decoder with random f32 weights and two key heads for four query heads. */
export function randomModel(overrides: Partial<DecoderConfig> = {}): LanguageModel {
  const random = seededRandom(7);
  const config: DecoderConfig = {
    architecture: "llama",
    vocabularySize: 40,
    hiddenSize: 32,
    blockCount: 2,
    headCount: 4,
    keyValueHeadCount: 2,
    headSize: 8,
    feedForward: { isGated: true, activation: "silu", size: 48 },
    norm: { kind: "rms", epsilon: 1e-5 },
    positions: { kind: "rotary", frequencies: [1, 0.1, 0.01, 0.001], attentionFactor: 1 },
    contextLength: 96,
    attentionScale: 1 / Math.sqrt(8),
    slidingWindows: [0, 0],
    isParallel: false,
    isTied: false,
    endTokens: [],
    ...overrides,
  };
  const numbers = (count: number, scale: number) =>
    Float32Array.from({ length: count }, () => (random() * 2 - 1) * scale);
  const linear = (name: string, outFeatures: number, inFeatures: number): LinearLayer => ({
    name,
    rows: outFeatures,
    columns: inFeatures,
    outFeatures,
    inFeatures,
    isTransposed: false,
    roundsActivations: true,
    inputTransforms: [],
    terms: [
      {
        layout: { kind: "dense", rows: outFeatures, columns: inFeatures, valueDtype: "F32" },
        arrays: { values: new Uint8Array(numbers(outFeatures * inFeatures, 2 / Math.sqrt(inFeatures)).buffer) },
      },
    ],
  });
  const norm = (name: string): NormLayer => ({
    kind: "rms",
    epsilon: 1e-5,
    weight: { name, values: numbers(config.hiddenSize, 0.1).map((value) => 1 + value) },
  });
  const { hiddenSize, headCount, keyValueHeadCount, headSize, vocabularySize } = config;
  const block = (index: number): Block => ({
    index,
    attentionNorm: norm(`${index}.attention_norm`),
    attention: {
      input: {
        kind: "separate",
        query: linear(`${index}.q`, headCount * headSize, hiddenSize),
        key: linear(`${index}.k`, keyValueHeadCount * headSize, hiddenSize),
        value: linear(`${index}.v`, keyValueHeadCount * headSize, hiddenSize),
      },
      output: linear(`${index}.o`, hiddenSize, headCount * headSize),
    },
    feedForwardNorm: norm(`${index}.feed_forward_norm`),
    feedForward: {
      gate: linear(`${index}.gate`, config.feedForward.size, hiddenSize),
      up: linear(`${index}.up`, config.feedForward.size, hiddenSize),
      down: linear(`${index}.down`, hiddenSize, config.feedForward.size),
    },
  });
  return {
    name: "random",
    config,
    embedding: { tokens: linear("embedding", vocabularySize, hiddenSize) },
    blocks: Array.from({ length: config.blockCount }, (_, index) => block(index)),
    head: { norm: norm("norm"), output: { ...linear("head", vocabularySize, hiddenSize), roundsActivations: false } },
    weightBytes: 0,
    close: () => {},
  };
}

/** Tokens of the vocabulary in no particular order. */
export function someTokens(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => (i * 17 + (i >> 2)) % 40);
}

export async function collect(tokens: AsyncIterable<number>): Promise<number[]> {
  const all: number[] = [];
  for await (const token of tokens) all.push(token);
  return all;
}
