import { createReferenceBackend } from "@lowbit/core/backend";
import { rotateRows } from "@lowbit/core/linalg";
import type { LayerStatistics } from "@lowbit/core/quantizers";
import { describe, expect, it } from "vitest";
import { goldenTensors, memoryCheckpoint, readGolden } from "../architectures/golden-model.fixture.js";
import type { ModelSource } from "../model/language-model.js";
import { openModelSource } from "../model/open-model-source.js";
import { type DoubleBlock, doubleBlock, doubleRows } from "./double-block.js";
import { doubleForward } from "./double-forward.fixture.js";
import { mergeScales, SCALE_SITES, siteConsumers } from "./merge-scales.js";
import { rotateResidual, rotateValues } from "./rotate-block.js";
import { modelRotations } from "./rotation-sites.js";
import { type TransformSettings, transformModel } from "./transform-model.js";

const backend = createReferenceBackend();

/** Every family with its traits: shared value heads, biases, head norms, tied heads, sizes that are no power of two. */
const FAMILIES = ["llama2", "llama3", "smollm", "mistral", "qwen2", "qwen3"];

async function openGolden(name: string): Promise<ModelSource> {
  const golden = readGolden(name);
  return openModelSource(
    { name, checkpoint: await memoryCheckpoint(goldenTensors(golden)), config: golden.config },
    backend,
  );
}

async function goldenBlock(
  name: string,
  index = 1,
): Promise<{ source: ModelSource; block: () => Promise<DoubleBlock> }> {
  const source = await openGolden(name);
  return { source, block: async () => doubleBlock((await source.loadBlock(index)).part, backend) };
}

function residualStream(rows: number, columns: number): Float64Array[] {
  return Array.from({ length: rows }, (_, t) =>
    Float64Array.from({ length: columns }, (__, i) => Math.sin(1 + t * 31 + i * i) * (i === 3 ? 20 : 1)),
  );
}

function largestDifference(a: readonly Float64Array[], b: readonly Float64Array[]): number {
  return Math.max(...a.flatMap((row, t) => Array.from(row, (value, i) => Math.abs(value - b[t]![i]!))));
}

const largest = (rows: readonly Float64Array[]): number =>
  Math.max(...rows.flatMap((row) => Array.from(row, Math.abs)));

describe.each(FAMILIES)("a block of %s in f64", (name) => {
  it("gives the same outputs to 1e-10 with R1 and R2 merged", async () => {
    const { source, block } = await goldenBlock(name);
    const { config } = source;
    const x = residualStream(7, config.hiddenSize);
    const expected = doubleForward(await block(), config, x);
    const { residual, values } = modelRotations(config, ["R1", "R2"], 5);
    const rotated = await block();
    rotateValues(rotated, values!(1));
    rotateResidual(rotated, residual!);
    for (const row of [...x, ...expected]) rotateRows(residual!, row);
    const found = doubleForward(rotated, config, x);
    expect(largestDifference(found, expected)).toBeLessThan(1e-10 * Math.max(1, largest(expected)));
    // The check can fail: what is not rotated does not fit.
    expect(largestDifference(doubleForward(await block(), config, x), expected)).toBeGreaterThan(0.01);
  });

  it.each(SCALE_SITES)("gives the same outputs to 1e-10 with a scale merged at %s", async (site) => {
    const { source, block } = await goldenBlock(name);
    const { config } = source;
    const x = residualStream(5, config.hiddenSize);
    const scaled = await block();
    const before = siteConsumers(scaled, site).map(({ weight }) => weight.slice());
    const divisors = Float64Array.from(
      { length: siteConsumers(scaled, site)[0]!.inFeatures },
      (_, i) => 0.25 + ((i * 7) % 11) / 3,
    );
    mergeScales(scaled, site, divisors, config);
    const expected = doubleForward(await block(), config, x);
    expect(largestDifference(doubleForward(scaled, config, x), expected)).toBeLessThan(
      1e-10 * Math.max(1, largest(expected)),
    );
    expect(siteConsumers(scaled, site).map(({ weight }) => weight)).not.toEqual(before);
  });
});

/** All tensors that `transformModel` hands out. */
async function transformed(source: ModelSource, settings: TransformSettings): Promise<Map<string, number[]>> {
  const tensors = new Map<string, number[]>();
  await transformModel(source, backend, settings, async (name, begin, values) => {
    const tensor = tensors.get(name) ?? [];
    values.forEach((value, i) => {
      tensor[begin + i] = value;
    });
    tensors.set(name, tensor);
  });
  return tensors;
}

describe("transformModel", () => {
  it("unties the head for R1: embedding · R and head · diag(γ) · R", async () => {
    const source = await openGolden("qwen3");
    const tensors = await transformed(source, { rotate: ["R1"], seed: 2 });
    const { hiddenSize } = source.config;
    const embedding = Float64Array.from(tensors.get("model.embed_tokens.weight")!);
    const head = Float64Array.from(tensors.get("lm_head.weight")!);
    const gain = (await source.loadHead()).part.norm.weight.values;
    // Rᵀ of both would be needed to take the turn back; lengths tell as much: |E·R| = |E|, and E_i·head_i is unchanged.
    const plain = (await transformed(source, { rotate: ["R2"] })).get("model.embed_tokens.weight")!;
    for (let begin = 0; begin < head.length; begin += hiddenSize) {
      let [found, expected] = [0, 0];
      for (let i = begin; i < begin + hiddenSize; i++) {
        found += embedding[i]! * head[i]!;
        expected += plain[i]! ** 2 * gain[i - begin]!;
      }
      expect(found).toBeCloseTo(expected, 10);
    }
    expect(tensors.get("model.norm.weight")!.every((value) => value === 1)).toBe(true);
    expect(tensors.get("model.layers.0.input_layernorm.weight")!.every((value) => value === 1)).toBe(true);
    expect(tensors.get("model.layers.0.self_attn.q_norm.weight")!.every((value) => value === 1)).toBe(false);
  });

  it("R2 alone leaves head, embedding and norms as they are", async () => {
    const source = await openGolden("llama3");
    const tensors = await transformed(source, { rotate: ["R2"] });
    expect(tensors.has("lm_head.weight")).toBe(false);
    const norm = (await source.loadHead()).part.norm.weight.values;
    expect(tensors.get("model.norm.weight")).toEqual([...norm]);
    const [block] = [(await source.loadBlock(0)).part];
    expect(tensors.get(block.attentionNorm.weight.name)).toEqual([...block.attentionNorm.weight.values]);
  });

  it("the same seed gives the same values, another one others; sites do not depend on each other", async () => {
    const source = await openGolden("llama2");
    const both = await transformed(source, { rotate: ["R1", "R2"], seed: 4 });
    expect(await transformed(source, { rotate: ["R1", "R2"], seed: 4 })).toEqual(both);
    expect(await transformed(source, { rotate: ["R1", "R2"], seed: 5 })).not.toEqual(both);
    const alone = await transformed(source, { rotate: ["R1"], seed: 4 });
    const name = "model.layers.1.mlp.up_proj.weight";
    expect(alone.get(name)).toEqual(both.get(name));
  });

  it.each(["gpt2", "gpt-neox-parallel", "bitnet"])("refuses %s", async (name) => {
    const source = await openGolden(name);
    await expect(transformed(source, { rotate: ["R1"] })).rejects.toMatchObject({
      code: "transform/unsupported-model",
    });
  });

  it("refuses a quantized weight", async () => {
    const { tokens } = (await (await openGolden("llama2")).loadEmbedding()).part;
    const doubled = { ...tokens, terms: [...tokens.terms, ...tokens.terms] };
    expect(() => doubleRows(doubled, 0, 1, backend)).toThrow(
      expect.objectContaining({ code: "transform/quantized-weight" }),
    );
  });

  const statistics = async () => ({}) as LayerStatistics;
  it.each<[string, TransformSettings]>([
    ["nothing to do", {}],
    ["a seed that is no whole number", { rotate: ["R1"], seed: 0.5 }],
    ["smoothing and R1", { rotate: ["R1"], smooth: { alpha: 0.5, statistics } }],
    ["a strength above 1", { smooth: { alpha: 1.5, statistics } }],
    ["AWQ's scales and smoothing", { smooth: { alpha: 0.5, statistics }, awq: { statistics } }],
    ["AWQ's scales and a rotation", { rotate: ["R2"], awq: { statistics } }],
    ["an unknown magnitude", { smooth: { alpha: 1, magnitude: "max" as never, statistics } }],
  ])("refuses %s", async (_, settings) => {
    await expect(transformed(await openGolden("llama2"), settings)).rejects.toMatchObject({
      code: "transform/invalid-option",
    });
  });

  it("smoothing needs the statistic of its magnitude", async () => {
    const empty = { name: "layer", shape: { rows: 1, columns: 1 }, inFeatures: 1, samples: 1, tokens: 1, values: {} };
    const settings = { smooth: { alpha: 0.5, statistics: async () => empty } };
    await expect(transformed(await openGolden("llama2"), settings)).rejects.toMatchObject({
      code: "quantize/missing-statistic",
    });
  });

  it("stops when it is told to", async () => {
    const source = await openGolden("llama2");
    const stop = transformModel(source, backend, { rotate: ["R1"] }, async () => {}, { signal: AbortSignal.abort() });
    await expect(stop).rejects.toMatchObject({ code: "pipeline/aborted" });
  });
});
