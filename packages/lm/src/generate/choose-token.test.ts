import { describe, expect, it } from "vitest";
import { likelyTokens, mostLikely, tokenChooser } from "./choose-token.js";
import type { SamplingOptions } from "./sampling-options.js";

const PROBABILITIES = [0.1, 0.4, 0.05, 0.25, 0.2];
const LOGITS = Float32Array.from(PROBABILITIES, (p) => Math.log(p) + 3);

/** Probabilities of all tokens after the filters. */
function filtered(options: SamplingOptions, logits = LOGITS): number[] {
  const { tokens, weights } = likelyTokens(logits, options);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const result = new Array<number>(logits.length).fill(0);
  weights.forEach((weight, i) => {
    result[tokens[i]!] = Number((weight / total).toFixed(4));
  });
  return result;
}

describe("tokenChooser", () => {
  it("takes the most likely token at temperature 0, the lowest on a tie", () => {
    expect(tokenChooser()(LOGITS)).toBe(1);
    expect(tokenChooser({ topK: 3, topP: 0.5 })(Float32Array.of(1, 2, 2, -Infinity))).toBe(1);
  });

  it("draws tokens as often as their probabilities say", () => {
    const choose = tokenChooser({ temperature: 1, seed: 42 });
    const draws = 20_000;
    const counts = new Array<number>(5).fill(0);
    for (let i = 0; i < draws; i++) counts[choose(LOGITS)]!++;
    const chiSquare = PROBABILITIES.reduce((sum, p, i) => sum + (counts[i]! - p * draws) ** 2 / (p * draws), 0);
    expect(chiSquare).toBeLessThan(18.5); // 0.999 quantile, 4 degrees of freedom
  });

  it("draws the same tokens for the same seed, others for another", () => {
    const draw = (seed: number) => {
      const choose = tokenChooser({ temperature: 1, seed });
      return Array.from({ length: 30 }, () => choose(LOGITS));
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it("never draws a token of probability 0", () => {
    const choose = tokenChooser({ temperature: 1 });
    const logits = Float32Array.of(-Infinity, 0, -Infinity, 0, -Infinity);
    for (let i = 0; i < 200; i++) expect([1, 3]).toContain(choose(logits));
  });

  it("takes the most likely token where a tiny temperature leaves no other", () => {
    expect(tokenChooser({ temperature: 1e-300 })(LOGITS)).toBe(1);
  });
});

describe("likelyTokens", () => {
  it("divides logits by the temperature first", () => {
    const squares = PROBABILITIES.map((p) => p * p);
    const total = squares.reduce((sum, p) => sum + p, 0);
    expect(filtered({ temperature: 0.5 })).toEqual(squares.map((p) => Number((p / total).toFixed(4))));
  });

  it("keeps the top k, the lower ids on a tie at the edge", () => {
    expect(filtered({ topK: 1 })).toEqual([0, 1, 0, 0, 0]);
    expect(filtered({ topK: 2 })).toEqual([0, 0.6154, 0, 0.3846, 0]);
    expect(filtered({ topK: 99 })).toEqual(PROBABILITIES);
    expect(filtered({ topK: 2 }, Float32Array.of(1, 5, 1, 1))).toEqual([0.018, 0.982, 0, 0]);
  });

  it("keeps the fewest tokens that reach p, one at least", () => {
    expect(filtered({ topP: 1e-9 })).toEqual([0, 1, 0, 0, 0]);
    expect(filtered({ topP: 0.39 })).toEqual([0, 1, 0, 0, 0]);
    expect(filtered({ topP: 0.45 })).toEqual([0, 0.6154, 0, 0.3846, 0]);
    expect(filtered({ topP: 0.9 })).toEqual([0.1053, 0.4211, 0, 0.2632, 0.2105]);
    expect(filtered({ topP: 1 })).toEqual(PROBABILITIES);
    expect(filtered({ topP: 0.5 }, Float32Array.of(1, 1, 1, 1))).toEqual([0.5, 0.5, 0, 0]);
  });

  it("counts p over what top k left", () => {
    // Of the two kept, 0.6154 and 0.3846: the first alone reaches 0.6 only after top-k.
    expect(filtered({ topK: 2, topP: 0.6 })).toEqual([0, 1, 0, 0, 0]);
    expect(filtered({ topP: 0.6 })).toEqual([0, 0.6154, 0, 0.3846, 0]);
  });
});

describe("refusals", () => {
  it.each([
    [{ temperature: -1 }, "temperature"],
    [{ temperature: Number.NaN }, "temperature"],
    [{ topK: 0 }, "topK"],
    [{ topK: 2.5 }, "topK"],
    [{ topP: 0 }, "topP"],
    [{ topP: 1.1 }, "topP"],
    [{ seed: -1 }, "seed"],
    [{ seed: 2 ** 53 }, "seed"],
  ])("%o", (options, option) => {
    expect(() => tokenChooser(options)).toThrow(
      expect.objectContaining({ code: "generate/invalid-option", facts: expect.objectContaining({ option }) }),
    );
  });

  it.each([
    ["NaN", [1, Number.NaN, 2], 1],
    ["+∞", [1, 2, Number.POSITIVE_INFINITY], 2],
    ["−∞ throughout", [-Infinity, -Infinity], 0],
  ])("logits with %s", (_, logits, token) => {
    for (const choose of [mostLikely, tokenChooser({ temperature: 1 })]) {
      expect(() => choose(Float32Array.from(logits))).toThrow(
        expect.objectContaining({ code: "generate/non-finite", facts: expect.objectContaining({ token }) }),
      );
    }
  });
});
