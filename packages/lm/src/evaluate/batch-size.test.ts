import { describe, expect, it } from "vitest";
import { randomModel } from "../generate/random-model.fixture.js";
import { defaultBatchTokens, logitRows } from "./batch-size.js";

const { config } = randomModel();

describe("defaultBatchTokens", () => {
  it("is 512 for small models, fewer where activations are long, and never less than 16", () => {
    const sized = (hiddenSize: number): number => {
      const feedForward = { ...config.feedForward, size: 4 * hiddenSize };
      return defaultBatchTokens({ ...config, hiddenSize, headCount: hiddenSize / 8, feedForward });
    };
    expect(sized(64)).toBe(512);
    expect(sized(4096)).toBeLessThan(512);
    // 48 MB are at least what the tokens of a batch need for residual stream and feed-forward layer alone.
    expect(sized(4096) * (5 * 4096 + 3 * 4 * 4096) * 4).toBeLessThanOrEqual(48e6);
    expect(sized(2 ** 20)).toBe(16);
  });
});

describe("logitRows", () => {
  it("keeps a chunk of logits within four million floats, at least one row", () => {
    expect(logitRows({ ...config, vocabularySize: 128_256 })).toBe(32);
    expect(logitRows({ ...config, vocabularySize: 2 ** 23 })).toBe(1);
  });
});
