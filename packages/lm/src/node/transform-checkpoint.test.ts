import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createReferenceBackend } from "@lowbit/core/backend";
import type { LayerStatistics } from "@lowbit/core/quantizers";
import { writeSafetensors } from "@lowbit/core/safetensors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldenTensors, readGolden } from "../architectures/golden-model.fixture.js";
import { testBackends } from "../backends.fixture.js";
import { sequenceLogits } from "../forward/sequence-logits.fixture.js";
import { loadModel, openModel } from "./open-model.js";
import { type TransformCheckpointOptions, transformCheckpoint } from "./transform-checkpoint.js";

const backend = createReferenceBackend();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lowbit-transform-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** The golden model as a directory. */
async function goldenDirectory(name: string): Promise<string> {
  const golden = readGolden(name);
  const directory = join(folder, name);
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, "model.safetensors"), writeSafetensors(goldenTensors(golden)));
  await writeFile(join(directory, "config.json"), JSON.stringify(golden.config));
  await writeFile(join(directory, "tokenizer.json"), "{}");
  return directory;
}

async function transform(input: string, output: string, options: Partial<TransformCheckpointOptions>) {
  const source = await openModel(input, backend);
  try {
    const settings = { rotate: ["R1", "R2"] } as const;
    return await transformCheckpoint(source, backend, { input, output, settings, ...options });
  } finally {
    await source.close();
  }
}

describe("transformCheckpoint", () => {
  it.each(["llama2", "llama3", "smollm", "mistral", "qwen2", "qwen3"])(
    "%s keeps the logits of transformers to 1e-4",
    async (name) => {
      const input = await goldenDirectory(name);
      const output = join(folder, `${name}-rotated`);
      await transform(input, output, {});
      const golden = readGolden(name);
      const model = await loadModel(output, backend);
      const logits = sequenceLogits(model, backend, golden.ids);
      const differences = golden.logits.flat().map((expected, i) => Math.abs(logits[i]! - expected));
      expect(Math.max(...differences)).toBeLessThan(1e-4);
      model.close();
      expect((await readdir(output)).toSorted()).toEqual(["config.json", "model.safetensors", "tokenizer.json"]);
      const config = JSON.parse(await readFile(join(output, "config.json"), "utf8")) as Record<string, unknown>;
      expect(config["tie_word_embeddings"]).toBe(false);
      expect(config["torch_dtype"]).toBe("float32");
    },
  );

  it.each(["llama2", "llama3", "qwen2", "qwen3"])("%s keeps them to 1e-4 with AWQ's scales merged", async (name) => {
    const input = await goldenDirectory(name);
    const output = join(folder, `${name}-scaled`);
    const source = await openModel(input, backend);
    const { blockCount } = source.config;
    const blocks = Array.from({ length: blockCount }, (_, index) => source.describeBlock(index).groups.flat()).flat();
    const statistics = async (weight: string): Promise<LayerStatistics> => {
      const { inFeatures, rows, columns } = blocks.find((layer) => layer.name === weight)!;
      const magnitudes = Float64Array.from({ length: inFeatures }, (_, j) => (j % 5 === 1 ? 30 : 1 + (j % 3)));
      const hessian = new Float64Array((inFeatures * (inFeatures + 1)) / 2);
      magnitudes.forEach((size, j) => {
        hessian[(j * (j + 3)) / 2] = 2 * size ** 2;
      });
      const values = { hessian, "mean-abs": magnitudes };
      return { name: weight, shape: { rows, columns }, inFeatures, samples: 1, tokens: 1, values };
    };
    await transform(input, output, { settings: { awq: { bits: 3, group: 16, statistics } } });
    await source.close();
    const golden = readGolden(name);
    const [plain, model] = [await loadModel(input, backend), await loadModel(output, backend)];
    const logits = sequenceLogits(model, backend, golden.ids);
    const differences = golden.logits.flat().map((expected, i) => Math.abs(logits[i]! - expected));
    expect(Math.max(...differences)).toBeLessThan(1e-4);
    expect(model.blocks[0]!.attentionNorm.weight.values).not.toEqual(plain.blocks[0]!.attentionNorm.weight.values);
    for (const opened of [plain, model]) opened.close();
    const bytes = await readFile(join(output, "model.safetensors"));
    expect(bytes.subarray(0, 300).toString()).toContain("awq 3 bits, group 16");
  });

  it("writes the same bytes on every backend", async () => {
    const input = await goldenDirectory("smollm");
    const files: Buffer[] = [];
    for (const { name, create } of testBackends) {
      const output = join(folder, `bytes-${name}`);
      const made = await create();
      const source = await openModel(input, made);
      await transformCheckpoint(source, made, { input, output, settings: { rotate: ["R1", "R2"], seed: 9 } });
      await source.close();
      made.close();
      files.push(await readFile(join(output, "model.safetensors")));
    }
    expect(files[1]!.equals(files[0]!)).toBe(true);
    expect(files[2]!.equals(files[0]!)).toBe(true);
  });

  it("states in the file what was merged", async () => {
    const input = await goldenDirectory("llama2");
    const output = join(folder, "stated");
    await transform(input, output, { settings: { rotate: ["R2"], seed: 3 }, dtype: "BF16" });
    const bytes = await readFile(join(output, "model.safetensors"));
    expect(bytes.subarray(0, 300).toString()).toContain("rotate R2, seed 3");
    expect(bytes.subarray(0, 300).toString()).toContain('"BF16"');
  });

  it("leaves nothing behind after an error, and does not write over anything unasked", async () => {
    const input = await goldenDirectory("gpt2");
    const output = join(folder, "nothing");
    await expect(transform(input, output, {})).rejects.toMatchObject({ code: "transform/unsupported-model" });
    expect((await readdir(folder)).filter((name) => name.startsWith("nothing"))).toEqual([]);
    const llama = await goldenDirectory("llama2");
    await transform(llama, join(folder, "once"), {});
    await expect(transform(llama, join(folder, "once"), {})).rejects.toMatchObject({ code: "pipeline/output-exists" });
    await transform(llama, join(folder, "once"), { force: true });
    await expect(transform(llama, llama, { force: true })).rejects.toMatchObject({ code: "pipeline/output-is-input" });
  });
});
