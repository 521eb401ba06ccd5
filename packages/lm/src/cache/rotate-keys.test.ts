import { createReferenceBackend } from "@lowbit/core/backend";
import { describe, expect, it } from "vitest";
import { ComputeOps } from "../forward/compute-ops.js";
import { passContext, runBlocks, runHead } from "../forward/run-model.js";
import { randomModel, someTokens } from "../generate/random-model.fixture.js";
import type { LanguageModel } from "../model/language-model.js";
import { createKeyValueCache, type KeyValueCacheOptions } from "./key-value-cache.js";

const backend = createReferenceBackend();

/** Logits of all tokens, which run through the blocks in two pieces. */
function logitsOf(model: LanguageModel, options: Partial<KeyValueCacheOptions>): Float32Array {
  const cache = createKeyValueCache(model.config, backend, { sequences: 1, capacity: 40, ...options });
  const ops = new ComputeOps(backend);
  const logits = [someTokens(30), someTokens(10)].flatMap((tokens) => {
    const batch = { tokens, sequences: 1, length: tokens.length, firstPosition: cache.length };
    const x = runBlocks(ops, model, batch, passContext(model, batch, undefined, cache.layers));
    return [...runHead(ops, model, x).values];
  });
  cache.release();
  return Float32Array.from(logits);
}

function meanDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}

const HEAD_SIZE = 32;
const TOKENS = 24;

/**
 * What attention gives for keys with one channel 8 times as large as the others, as trained models have them. The values of a
 * token are all equal, so that coding them costs nothing.
 */
function attentionOverKeys(options: Partial<KeyValueCacheOptions>): Float32Array {
  const shape = { blockCount: 1, keyValueHeadCount: 1, headSize: HEAD_SIZE };
  const cache = createKeyValueCache(shape, backend, { sequences: 1, capacity: TOKENS, ...options });
  const ops = new ComputeOps(backend);
  const fill = (value: (token: number, feature: number) => number) => {
    const tensor = ops.make(TOKENS, HEAD_SIZE);
    tensor.values.set(
      Float32Array.from({ length: TOKENS * HEAD_SIZE }, (_, i) => value(Math.floor(i / HEAD_SIZE), i % HEAD_SIZE)),
    );
    return tensor;
  };
  const noise = (i: number) => Math.sin(i * i + 3 * i);
  const query = fill((token, i) => noise(31 * token + i));
  const key = fill((token, i) => noise(57 * token + 11 * i) * (i === 5 ? 8 : 1));
  const value = fill((token) => (token % 5) - 2);
  const y = ops.attention(query, key, value, {
    sequences: 1,
    headCount: 1,
    keyValueHeadCount: 1,
    headSize: HEAD_SIZE,
    scale: 1 / Math.sqrt(HEAD_SIZE),
    window: 0,
    cache: cache.layers[0]!,
  });
  const result = y.values.slice();
  cache.release();
  return result;
}

describe("a cache with rotated keys", () => {
  it("leaves all scores as they are where keys are not coded", () => {
    const model = randomModel();
    const plain = logitsOf(model, {});
    const rotated = logitsOf(model, { rotateKeys: true });
    expect(meanDifference(rotated, plain)).toBeLessThan(1e-5);
    expect(rotated).not.toEqual(plain);
  });

  it.each([4, 2] as const)("loses less at %i bits where one channel is large", (precision) => {
    const exact = attentionOverKeys({});
    const plain = meanDifference(attentionOverKeys({ precision }), exact);
    const rotated = meanDifference(attentionOverKeys({ precision, rotateKeys: true }), exact);
    expect(rotated).toBeLessThan(0.8 * plain);
  });

  it("refuses heads of an odd size", () => {
    const shape = { blockCount: 1, keyValueHeadCount: 1, headSize: 7 };
    const options = { sequences: 1, capacity: 4, rotateKeys: true };
    expect(() => createKeyValueCache(shape, backend, options)).toThrow(
      expect.objectContaining({ code: "generate/invalid-option" }),
    );
  });
});
