import { createReferenceBackend } from "@lowbit/core/backend";
import { createNativeBackend } from "@lowbit/kernels-native";
import { afterAll, describe, expect, it } from "vitest";
import { ComputeOps } from "../forward/compute-ops.js";
import { passContext, runBlocks, runHead } from "../forward/run-model.js";
import { randomModel, someTokens } from "../generate/random-model.fixture.js";
import { type Evaluation, evaluateTokens } from "./evaluate-tokens.js";
import type { EvaluationOptions, EvaluationProgress } from "./evaluation-options.js";

// One thread: the kernels of small products may add in another order for another division of the rows.
const backend = createNativeBackend({ threads: 1 });
afterAll(() => backend.close());

const model = randomModel();
const TOKENS = someTokens(200);

const evaluate = (options: EvaluationOptions = {}, tokens = TOKENS): Promise<Evaluation> =>
  evaluateTokens(model, backend, tokens, { context: 24, ...options });

/** Losses of a sequence in f64, straight from all its logits. */
function losses(inputs: Uint32Array, targets: Uint32Array): number[] {
  const reference = createReferenceBackend();
  const ops = new ComputeOps(reference);
  const batch = { tokens: inputs, sequences: 1, length: inputs.length, firstPosition: 0 };
  const { values, columns } = runHead(ops, model, runBlocks(ops, model, batch, passContext(model, batch)));
  return Array.from(targets, (target, row) => {
    const logits = Array.from(values.subarray(row * columns, (row + 1) * columns));
    return Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0)) - logits[target]!;
  });
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("evaluateTokens", () => {
  it("is the mean loss of each window by itself, begin token first", async () => {
    const { nll, perplexity, protocol } = await evaluate({ beginToken: 1 });
    expect(protocol).toMatchObject({ windows: 8, scoredTokens: 8 * 23 });
    const all = Array.from({ length: 8 }, (_, w) => {
      const ids = TOKENS.subarray(w * 23, (w + 1) * 23);
      return losses(Uint32Array.of(1, ...ids.subarray(0, 22)), ids);
    });
    expect(nll.mean).toBeCloseTo(mean(all.flat()), 5);
    expect(perplexity.mean).toBe(Math.exp(nll.mean));
    const means = all.map(mean);
    const deviation = Math.sqrt(means.reduce((sum, value) => sum + (value - mean(means)) ** 2, 0) / 7);
    expect(nll.standardError).toBeCloseTo(deviation / Math.sqrt(8), 5);
  });

  it("scores the end of overlapping windows", async () => {
    const { nll } = await evaluate({ stride: 7, maxWindows: 3 });
    const all = [0, 7, 14].flatMap((begin, w) => {
      const scored = losses(TOKENS.subarray(begin, begin + 23), TOKENS.subarray(begin + 1, begin + 24));
      return w === 0 ? scored : scored.slice(-7);
    });
    expect(all.length).toBe(23 + 14);
    expect(nll.mean).toBeCloseTo(mean(all), 5);
  });

  it.each([5, 23, 60, 1000])("does not depend on the size of a batch: %i tokens", async (batchTokens) => {
    const expected = await evaluate({ batchTokens: 48 });
    const found = await evaluate({ batchTokens });
    expect(found.protocol).toEqual(expected.protocol);
    expect(found.nll.mean).toBeCloseTo(expected.nll.mean, 5);
  });

  it("passes keys and values through the cache that was asked for", async () => {
    const exact = (await evaluate()).nll.mean;
    const distance = async (options: EvaluationOptions): Promise<number> =>
      Math.abs((await evaluate(options)).nll.mean - exact);
    expect(await distance({ cachePrecision: "f32" })).toBeLessThan(1e-6);
    const [half, eight, two] = [
      await distance({ cachePrecision: "f16" }),
      await distance({ cachePrecision: 8 }),
      await distance({ cachePrecision: 2 }),
    ];
    expect(half).toBeGreaterThan(0);
    expect(half).toBeLessThan(1e-3);
    expect(eight).toBeLessThan(1e-2);
    expect(two).toBeGreaterThan(eight);
    const channel = (await evaluate({ cachePrecision: 2, cacheGrouping: "channel" })).nll.mean;
    expect(channel).not.toBe((await evaluate({ cachePrecision: 2 })).nll.mean);
    // In pieces of five tokens a query sees the same rounded keys.
    const pieces = await evaluate({ cachePrecision: 4, batchTokens: 5 });
    expect(pieces.nll.mean).toBeCloseTo((await evaluate({ cachePrecision: 4 })).nll.mean, 5);
  });

  it("rounds activations when asked to, and where the model was trained so", async () => {
    const exact = (await evaluate()).nll.mean;
    const eight = (await evaluate({ activationBits: 8 })).nll.mean;
    const four = (await evaluate({ activationBits: 4 })).nll.mean;
    expect(Math.abs(eight - exact)).toBeGreaterThan(0);
    expect(Math.abs(four - exact)).toBeGreaterThan(Math.abs(eight - exact));
    const trained = { ...model, config: { ...model.config, activations: { bits: 8 } as const } };
    expect((await evaluateTokens(trained, backend, TOKENS, { context: 24 })).nll.mean).toBe(eight);
  });

  it("reports progress up to the end", async () => {
    const seen: EvaluationProgress[] = [];
    const { nll } = await evaluate({ batchTokens: 48, onProgress: (progress) => seen.push(progress) });
    expect(seen.map(({ doneTokens }) => doneTokens)).toEqual([46, 92, 138, 184]);
    expect(seen.every(({ totalTokens }) => totalTokens === 184)).toBe(true);
    expect(seen.at(-1)!.nll).toBeCloseTo(nll.mean, 12);
  });

  it("stops when it is cancelled", async () => {
    const controller = new AbortController();
    const run = evaluate({ batchTokens: 24, signal: controller.signal, onProgress: () => controller.abort() });
    await expect(run).rejects.toMatchObject({ code: "evaluate/aborted" });
  });
});

describe("a loss that is not finite", () => {
  /** The second block's down projection has one NaN. */
  function poisoned(): typeof model {
    const bad = randomModel();
    const { arrays } = bad.blocks[1]!.feedForward.down.terms[0]!;
    new DataView((arrays as { values: Uint8Array }).values.buffer).setFloat32(4 * 100, Number.NaN, true);
    return bad;
  }

  it("stops with the layer where it began", async () => {
    const run = evaluateTokens(poisoned(), backend, TOKENS, { context: 24, batchTokens: 5 });
    await expect(run).rejects.toMatchObject({
      code: "evaluate/non-finite",
      facts: { window: 0, place: "the output of 1.down" },
    });
  });

  it("names the input of a layer behind a broken norm", async () => {
    const bad = randomModel();
    bad.blocks[0]!.feedForwardNorm.weight.values[3] = Number.POSITIVE_INFINITY;
    const run = evaluateTokens(bad, backend, TOKENS, { context: 24 });
    await expect(run).rejects.toMatchObject({ facts: { place: "the input of 0.up" } });
  });

  it("names the window, and the embedding of a broken token", async () => {
    const bad = randomModel();
    const tokens = TOKENS.map((token) => token % 20);
    tokens[60] = 33;
    const { values } = bad.embedding.tokens.terms[0]!.arrays as { values: Uint8Array };
    new Float32Array(values.buffer)[33 * 32] = Number.NaN;
    await expect(evaluateTokens(bad, backend, tokens, { context: 24 })).rejects.toMatchObject({
      facts: { window: 2, place: "the token embedding" },
    });
  });
});
