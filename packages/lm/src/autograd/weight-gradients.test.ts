import { createReferenceBackend, type KernelBackend } from "@lowbit/core/backend";
import { type InputTransform, writeScales, writeU32 } from "@lowbit/core/terms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testBackends } from "../backends.fixture.js";
import { ComputeOps } from "../forward/compute-ops.js";
import { runBlock } from "../forward/run-block.js";
import { passContext, runBlocks, runHead } from "../forward/run-model.js";
import { TensorPool } from "../forward/tensor-pool.js";
import { randomModel, someTokens } from "../generate/random-model.fixture.js";
import type { LanguageModel } from "../model/language-model.js";
import type { LinearLayer } from "../model/layers.js";
import { centralDifferences, relativeError, someValues } from "./gradient-check.fixture.js";
import {
  dequantizedLayer,
  keptWeights,
  mapLinears,
  modelParameters,
  quantizedLayer,
} from "./model-parameters.fixture.js";
import { RecordingOps } from "./recording-ops.js";
import { nextTokenBatch, type ScoredBatch } from "./scored-batch.js";
import { SummedGradients } from "./summed-gradients.js";
import { type WeightGradientOptions, weightGradients } from "./weight-gradients.js";

const reference = createReferenceBackend();
const batch = nextTokenBatch(someTokens(14), 2);

async function gradientsOf(
  model: LanguageModel,
  options: WeightGradientOptions = {},
  given: ScoredBatch = batch,
  backend: KernelBackend = reference,
): Promise<{ readonly loss: number; readonly gradients: Map<string, Float32Array> }> {
  const gradients = new Map<string, Float32Array>();
  const loss = await weightGradients(
    model,
    backend,
    given,
    (name, _, gradient) => gradients.set(name, gradient.slice()),
    options,
  );
  return { loss, gradients };
}

/** The mean loss by the ops that just compute, all logits at once. */
function lossOf(model: LanguageModel): number {
  const ops = new ComputeOps(reference);
  const logits = runHead(ops, model, runBlocks(ops, model, batch, passContext(model, batch)));
  const losses = new Float64Array(logits.rows);
  reference.crossEntropy(logits, batch.targets, losses);
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

const norm = (values: Float32Array): number => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));

/** Sets the first elements of a parameter of a model that is made for one test. */
function spoil(model: LanguageModel, name: string, value: number, count = 1): void {
  modelParameters(model).get(name)!.fill(value, 0, count);
}

describe("weightGradients", () => {
  it("has the derivatives of the whole model by central differences", async () => {
    const model = randomModel();
    const { loss, gradients } = await gradientsOf(model, { parameters: "all" });
    expect(loss).toBeCloseTo(lossOf(model), 6);
    const parameters = modelParameters(model);
    expect([...gradients.keys()].sort()).toEqual([...parameters.keys()].sort());
    for (const [name, values] of parameters) {
      const gradient = gradients.get(name)!;
      const size = norm(gradient);
      // Along the gradient, where the derivative is large, and aside.
      const aside = someValues(values.length, 5);
      const direction = aside.map((value, i) => value / norm(aside) + gradient[i]! / size);
      const start = values.slice();
      const along = Float32Array.of(0);
      const [expected] = centralDifferences(along, 2 ** -8, () => {
        for (let i = 0; i < values.length; i++) values[i] = start[i]! + along[0]! * direction[i]!;
        return lossOf(model);
      });
      values.set(start);
      const found = gradient.reduce((sum, value, i) => sum + value * direction[i]!, 0);
      expect(Math.abs(found - expected!), name).toBeLessThan(1e-3 * size);
    }
  });

  it("has the gradients of the whole model on one tape", async () => {
    const model = randomModel();
    const pool = new TensorPool(reference);
    const sums = new SummedGradients(pool);
    const ops = new RecordingOps(reference, { parameters: sums }, pool);
    const context = passContext(model, batch);
    let x = ops.embed(model.embedding, batch.tokens, context.positions);
    for (const block of model.blocks) x = runBlock(ops, block, x, context);
    const logits = runHead(ops, model, x);
    const dLogits = pool.allocate(logits.rows, logits.columns);
    dLogits.values.fill(0);
    reference.crossEntropyGradient(logits, batch.targets, 1 / logits.rows, dLogits.values);
    ops.backward(logits, dLogits, []);

    const { gradients } = await gradientsOf(model, { parameters: "all", headRows: 3 });
    const seen: string[] = [];
    sums.visit((name, _, gradient) => {
      seen.push(name);
      expect(relativeError(gradients.get(name)!, gradient), name).toBeLessThan(1e-6);
    });
    expect(seen.sort()).toEqual([...gradients.keys()].sort());
  });

  it("visits matrices of blocks alone by default, from the last layer to the first", async () => {
    const { gradients } = await gradientsOf(randomModel());
    const block = (index: number) => ["down", "gate", "up", "o", "v", "k", "q"].map((name) => `${index}.${name}`);
    expect([...gradients.keys()]).toEqual([...block(1), ...block(0)]);
  });

  it("adds both uses of a tied matrix", async () => {
    const plain = randomModel();
    const tied: LanguageModel = {
      ...plain,
      config: { ...plain.config, isTied: true },
      head: { ...plain.head, output: { ...plain.head.output, ...plain.embedding.tokens } },
    };
    const untied: LanguageModel = {
      ...tied,
      config: plain.config,
      head: { ...tied.head, output: { ...tied.head.output, name: "head" } },
    };
    const both = await gradientsOf(tied, { parameters: "all" });
    const apart = await gradientsOf(untied, { parameters: "all" });
    const sum = apart.gradients.get("embedding")!.map((value, i) => value + apart.gradients.get("head")![i]!);
    expect(relativeError(both.gradients.get("embedding")!, sum)).toBeLessThan(1e-6);
    expect(both.gradients.has("head")).toBe(false);
  });

  it("leaves out tokens that do not count", async () => {
    const model = randomModel();
    const counted = Uint8Array.from(batch.tokens, (_, i) => (i < batch.length ? 1 : 0));
    const half = { ...batch, counted };
    const first = nextTokenBatch(someTokens(7), 1);
    const [masked, alone] = [await gradientsOf(model, {}, half), await gradientsOf(model, {}, first)];
    expect(masked.loss).toBeCloseTo(alone.loss, 10);
    for (const [name, gradient] of alone.gradients) {
      expect(relativeError(masked.gradients.get(name)!, gradient), name).toBeLessThan(1e-6);
    }
  });

  it("holds no more memory of the backend for more blocks", async () => {
    const heldFor = async (blockCount: number) => {
      const pool = new TensorPool(reference);
      const slidingWindows = Array<number>(blockCount).fill(0);
      await weightGradients(randomModel({ blockCount, slidingWindows }), reference, batch, () => {}, { pool });
      return pool.heldBytes;
    };
    expect(await heldFor(5)).toBe(await heldFor(1));
  });

  it.each<WeightGradientOptions>([{ parameters: "all" }, { activationBits: 8 }, { activationBits: 4 }])(
    "gives back all that it took from the pool: %j",
    async (options) => {
      const pool = new TensorPool(reference);
      await weightGradients(randomModel(), reference, batch, () => {}, { ...options, pool });
      pool.trim();
      expect(pool.heldBytes).toBe(0);
    },
  );
});

describe("weightGradients of quantized models", () => {
  const permutation = (columns: number): InputTransform => {
    const indices = new Uint8Array(4 * columns);
    writeU32(
      Array.from({ length: columns }, (_, i) => (7 * i + 3) % columns),
      indices,
    );
    return { layout: { kind: "permutation", columns }, arrays: { indices } };
  };
  const channelScale = (columns: number): InputTransform => {
    const scale = new Uint8Array(4 * columns);
    writeScales(
      Array.from({ length: columns }, (_, i) => 0.5 + (i % 4) / 2),
      "F32",
      scale,
    );
    return { layout: { kind: "channel-scale", columns, scaleDtype: "F32" }, arrays: { scale } };
  };
  const hadamard = (columns: number): InputTransform => ({
    layout: { kind: "hadamard", columns, size: 16 },
    arrays: { signs: someBytes(Math.ceil(columns / 8)) },
  });
  const someBytes = (count: number) => Uint8Array.from({ length: count }, (_, i) => 37 * i + 11);

  const kinds: readonly { readonly name: string; quantize(layer: LinearLayer): LinearLayer }[] = [
    { name: "affine", quantize: (layer) => quantizedLayer(layer, "rtn", { bits: 4, group: 16 }) },
    { name: "sign", quantize: (layer) => quantizedLayer(layer, "binary", { order: 2, mean: true, group: 16 }) },
    { name: "sign with a column scale", quantize: (layer) => quantizedLayer(layer, "svid", {}) },
    { name: "ternary", quantize: (layer) => quantizedLayer(layer, "ternary", { group: 16 }) },
    { name: "codebook", quantize: (layer) => quantizedLayer(layer, "nf4", {}) },
    {
      name: "affine and sparse",
      quantize(layer) {
        const coded = quantizedLayer(layer, "rtn", { bits: 2, group: 16 });
        return { ...coded, terms: [...coded.terms, keptWeights(layer.rows, layer.columns)] };
      },
    },
    {
      name: "affine behind three input transforms",
      quantize: (layer) =>
        quantizedLayer(layer, "rtn", { bits: 4, group: 16 }, [
          permutation(layer.columns),
          channelScale(layer.columns),
          hadamard(layer.columns),
        ]),
    },
  ];

  describe.each(testBackends)("$name", ({ create }) => {
    let backend: KernelBackend;
    beforeAll(async () => {
      backend = await create();
    });
    afterAll(() => backend.close());

    it.each(kinds)("$name: equal those of the dequantized twin", async ({ quantize }) => {
      const model = mapLinears(randomModel(), quantize);
      const twin = mapLinears(model, dequantizedLayer);
      const found = await gradientsOf(model, { parameters: "all" }, batch, backend);
      const expected = await gradientsOf(twin, { parameters: "all" });
      expect(found.loss).toBeCloseTo(expected.loss, 5);
      for (const [name, gradient] of expected.gradients) {
        expect(relativeError(found.gradients.get(name)!, gradient), name).toBeLessThan(1e-4);
      }
    });
  });
});

describe("weightGradients of bad models and batches", () => {
  const refused = (facts: object) => expect.objectContaining({ code: "gradient/non-finite-loss", facts });

  it("names the layer whose output is the first that is not finite", async () => {
    const model = randomModel();
    spoil(model, "1.up", Number.NaN);
    await expect(gradientsOf(model)).rejects.toThrow(refused({ loss: "NaN", where: "block 1", layer: "1.up" }));
  });

  it("names the first layer behind a norm that is not finite", async () => {
    const model = randomModel();
    spoil(model, "0.attention_norm", Number.NaN);
    await expect(gradientsOf(model)).rejects.toThrow(refused({ loss: "NaN", where: "block 0", layer: "0.q" }));
  });

  it("names the embedding and the head", async () => {
    const [embedding, head] = [randomModel(), randomModel()];
    spoil(embedding, "embedding", Number.NaN, 40 * 32);
    await expect(gradientsOf(embedding)).rejects.toThrow(refused({ loss: "NaN", where: "the embedding" }));
    spoil(head, "head", Number.NaN);
    await expect(gradientsOf(head)).rejects.toThrow(refused({ loss: "NaN", where: "the head" }));
  });

  it("names the gradient that is the first that is not finite", async () => {
    const model = randomModel();
    // The inner activations are 0, so the loss is finite; their gradient is not.
    spoil(model, "1.up", 0, 48 * 32);
    spoil(model, "1.down", 3e38, 48 * 32);
    spoil(model, "1.feed_forward_norm", 1e6, 32);
    const parameters: string[] = [];
    const pass = weightGradients(model, reference, batch, (name) => parameters.push(name));
    await expect(pass).rejects.toThrow(expect.objectContaining({ code: "gradient/non-finite-loss" }));
    await expect(pass).rejects.toThrow(/gradient of 1\.(gate|up)/);
    expect(parameters).toEqual(expect.arrayContaining(["1.down"]));
  });

  it("refuses batches whose parts do not fit each other", async () => {
    const invalid = expect.objectContaining({ code: "gradient/invalid-batch" });
    const model = randomModel();
    const wrong: readonly Partial<ScoredBatch>[] = [
      { tokens: someTokens(11) },
      { targets: someTokens(13) },
      { counted: new Uint8Array(3) },
      { counted: new Uint8Array(12) },
    ];
    for (const part of wrong) await expect(gradientsOf(model, {}, { ...batch, ...part })).rejects.toThrow(invalid);
    expect(() => nextTokenBatch(someTokens(7), 2)).toThrow(invalid);
    expect(() => nextTokenBatch(someTokens(2), 2)).toThrow(invalid);
  });
});
