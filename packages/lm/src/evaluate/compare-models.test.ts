import { createNativeBackend } from "@lowbit/kernels-native";
import { afterAll, describe, expect, it } from "vitest";
import { ComputeOps } from "../forward/compute-ops.js";
import { passContext, runBlocks, runHead } from "../forward/run-model.js";
import { randomModel, someTokens } from "../generate/random-model.fixture.js";
import type { LanguageModel } from "../model/language-model.js";
import { blockLinears } from "../model/layers.js";
import { compareModels } from "./compare-models.js";
import { evaluateTokens } from "./evaluate-tokens.js";
import { measureLayerErrors } from "./layer-errors.js";

// One thread: the kernels of small products may add in another order for another division of the rows.
const backend = createNativeBackend({ threads: 1 });
afterAll(() => backend.close());

const OPTIONS = { context: 16, maxWindows: 4 };
const TOKENS = someTokens(100);
const original = randomModel();

/** The original with the weights of some layers times a factor. */
function scaled(factor: number, names: readonly string[]): LanguageModel {
  const model = randomModel();
  for (const layer of model.blocks.flatMap(blockLinears)) {
    if (!names.includes(layer.name)) continue;
    const values = new Float32Array((layer.terms[0]!.arrays as { values: Uint8Array }).values.buffer);
    values.forEach((value, i) => {
      values[i] = value * factor;
    });
  }
  return model;
}

/** log softmax of the logits of one window, row by row, f64. */
function logProbabilities(model: LanguageModel, inputs: Uint32Array): number[][] {
  const ops = new ComputeOps(backend);
  const batch = { tokens: inputs, sequences: 1, length: inputs.length, firstPosition: 0 };
  const { values, columns, rows } = runHead(ops, model, runBlocks(ops, model, batch, passContext(model, batch)));
  return Array.from({ length: rows }, (_, row) => {
    const logits = Array.from(values.subarray(row * columns, (row + 1) * columns));
    const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
    return logits.map((logit) => logit - total);
  });
}

describe("compareModels", () => {
  it("finds no difference between a model and itself", async () => {
    const result = await compareModels(randomModel(), original, backend, TOKENS, OPTIONS);
    expect(result.divergence).toEqual({
      mean: 0,
      standardError: 0,
      median: 0,
      percentile90: 0,
      percentile99: 0,
      maximum: 0,
    });
    expect(result.sameTop).toEqual({ mean: 1, standardError: 0 });
    expect(result.nllDifference).toEqual({ mean: 0, standardError: 0 });
    expect(result.perplexityRatio.mean).toBe(1);
    expect(result.model).toEqual(await evaluateTokens(original, backend, TOKENS, OPTIONS));
  });

  it("has KL(original ‖ model), tops and paired losses as defined", async () => {
    const model = scaled(1.5, ["0.down", "1.v"]);
    const result = await compareModels(model, original, backend, TOKENS, OPTIONS);
    const kl: number[] = [];
    let same = 0;
    let difference = 0;
    for (let window = 0; window < 4; window++) {
      const inputs = TOKENS.subarray(window * 16, window * 16 + 15);
      const [p, q] = [logProbabilities(original, inputs), logProbabilities(model, inputs)];
      p.forEach((row, i) => {
        kl.push(row.reduce((sum, logP, j) => sum + Math.exp(logP) * (logP - q[i]![j]!), 0));
        if (row.indexOf(Math.max(...row)) === q[i]!.indexOf(Math.max(...q[i]!))) same++;
        const target = TOKENS[window * 16 + i + 1]!;
        difference += row[target]! - q[i]![target]!;
      });
    }
    kl.sort((a, b) => a - b);
    expect(result.divergence.mean).toBeCloseTo(kl.reduce((sum, value) => sum + value, 0) / 60, 5);
    expect(result.divergence.median).toBeCloseTo((kl[29]! + kl[30]!) / 2, 5);
    expect(result.divergence.maximum).toBeCloseTo(kl[59]!, 5);
    expect(result.sameTop.mean).toBe(same / 60);
    expect(result.nllDifference.mean).toBeCloseTo(difference / 60, 5);
    expect(result.nllDifference.mean).toBeCloseTo(result.model.nll.mean - result.original.nll.mean, 12);
    expect(result.perplexityRatio.mean).toBeCloseTo(result.model.perplexity.mean / result.original.perplexity.mean, 10);
    // Losses of the two models go up and down together, so pairing makes the error smaller.
    expect(result.nllDifference.standardError!).toBeGreaterThan(0);
  });

  it("rounds the activations of the model only", async () => {
    const result = await compareModels(randomModel(), original, backend, TOKENS, { ...OPTIONS, activationBits: 4 });
    expect(result.original).toEqual(await evaluateTokens(original, backend, TOKENS, OPTIONS));
    expect(result.model).toEqual(await evaluateTokens(original, backend, TOKENS, { ...OPTIONS, activationBits: 4 }));
    expect(result.divergence.mean).toBeGreaterThan(0);
  });

  it("refuses another vocabulary", async () => {
    const other = randomModel({ vocabularySize: 41 });
    await expect(compareModels(other, original, backend, TOKENS, OPTIONS)).rejects.toMatchObject({
      code: "evaluate/different-vocabulary",
      facts: { found: 41, expected: 40 },
    });
  });
});

describe("measureLayerErrors", () => {
  it("is zero for the model itself", async () => {
    const { layers, blocks, tokens } = await measureLayerErrors(randomModel(), original, backend, TOKENS, OPTIONS);
    expect(layers.map(({ name }) => name)).toEqual([
      ...original.blocks.flatMap((block) => blockLinears(block).map(({ name }) => name)),
      "head",
    ]);
    expect(new Set([...layers, ...blocks].map(({ relativeError }) => relativeError))).toEqual(new Set([0]));
    expect(tokens).toBe(60);
  });

  it("gives each layer the original's input, whatever came before it", async () => {
    const model = scaled(1.5, ["0.q", "0.down", "1.v"]);
    for (const batchTokens of [5, 1000]) {
      const { layers, blocks } = await measureLayerErrors(model, original, backend, TOKENS, {
        ...OPTIONS,
        batchTokens,
      });
      for (const { name, relativeError } of layers) {
        const expected = ["0.q", "0.down", "1.v"].includes(name) ? 0.25 : 0;
        expect(relativeError).toBeCloseTo(expected, 5);
      }
      expect(blocks.map(({ name }) => name)).toEqual(["0", "1"]);
      for (const { relativeError } of blocks) expect(relativeError).toBeGreaterThan(1e-3);
    }
  });

  it("gives each block the original's input", async () => {
    const { blocks } = await measureLayerErrors(scaled(1.5, ["0.down"]), original, backend, TOKENS, OPTIONS);
    expect(blocks[0]!.relativeError).toBeGreaterThan(1e-3);
    expect(blocks[1]!.relativeError).toBe(0);
  });

  it("refuses other layers", async () => {
    const other = randomModel({ feedForward: { isGated: true, activation: "silu", size: 64 } });
    await expect(measureLayerErrors(other, original, backend, TOKENS, OPTIONS)).rejects.toMatchObject({
      code: "evaluate/different-layers",
      facts: { layer: "0.gate" },
    });
  });
});
