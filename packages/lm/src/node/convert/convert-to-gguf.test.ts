import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createReferenceBackend } from "@lowbit/core/backend";
import { isGgufCheckpoint } from "@lowbit/core/gguf";
import { openCheckpoint, quantizeCheckpoint } from "@lowbit/core/node";
import type { ProgressEvent } from "@lowbit/core/pipeline";
import { QUANTIZERS } from "@lowbit/core/quantizers";
import { writeSafetensors } from "@lowbit/core/safetensors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ggufRecipe } from "../../gguf/gguf-recipes.js";
import { convertToGguf, forecastToGguf, type GgufConvertOptions } from "./convert-to-gguf.js";

const backend = createReferenceBackend();
const REFERENCE = {
  module: new URL("../../../../core/src/backend/index.ts", import.meta.url).href,
  exportName: "createReferenceBackend",
};
const [HIDDEN, HEADS, KEY_HEADS, FEED_FORWARD, VOCABULARY] = [256, 4, 2, 256, 32];

let folder: string;
let model: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lowbit-gguf-"));
  model = join(folder, "model");
  await mkdir(model);
  const keys = (HIDDEN / HEADS) * KEY_HEADS;
  const block = "model.layers.0";
  const tensors = [
    matrix("model.embed_tokens.weight", VOCABULARY, HIDDEN),
    matrix(`${block}.self_attn.q_proj.weight`, HIDDEN, HIDDEN),
    matrix(`${block}.self_attn.k_proj.weight`, keys, HIDDEN),
    matrix(`${block}.self_attn.v_proj.weight`, keys, HIDDEN),
    matrix(`${block}.self_attn.o_proj.weight`, HIDDEN, HIDDEN),
    matrix(`${block}.mlp.gate_proj.weight`, FEED_FORWARD, HIDDEN),
    matrix(`${block}.mlp.up_proj.weight`, FEED_FORWARD, HIDDEN),
    matrix(`${block}.mlp.down_proj.weight`, HIDDEN, FEED_FORWARD),
    matrix(`${block}.input_layernorm.weight`, 0, HIDDEN),
    matrix(`${block}.post_attention_layernorm.weight`, 0, HIDDEN),
    matrix("model.norm.weight", 0, HIDDEN),
    matrix("lm_head.weight", VOCABULARY, HIDDEN),
  ];
  await writeFile(join(model, "model.safetensors"), writeSafetensors(tensors));
  await writeFile(join(model, "config.json"), JSON.stringify(CONFIG));
});
afterAll(() => rm(folder, { recursive: true }));

const CONFIG = {
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  vocab_size: VOCABULARY,
  hidden_size: HIDDEN,
  intermediate_size: FEED_FORWARD,
  num_hidden_layers: 1,
  num_attention_heads: HEADS,
  num_key_value_heads: KEY_HEADS,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-5,
  hidden_act: "silu",
  rope_theta: 10000,
  tie_word_embeddings: false,
};

/** 0 rows: a vector. */
function matrix(name: string, rows: number, columns: number) {
  const values = Float32Array.from(
    { length: Math.max(1, rows) * columns },
    (_, i) => Math.sin(i * 1.3 + name.length) * 0.1,
  );
  const data = new Uint8Array(2 * values.length);
  backend.encodeFloats("BF16", values, data);
  return { name, dtype: "BF16" as const, shape: rows === 0 ? [columns] : [rows, columns], data };
}

const options = (
  input: string,
  output: string,
  type: string | undefined,
  more: Partial<GgufConvertOptions> = {},
): GgufConvertOptions => ({
  input,
  output: join(folder, output),
  targetName: type === undefined ? "gguf" : `gguf:${type}`,
  choice: type === undefined ? {} : { recipe: ggufRecipe(type) },
  allowRequantize: false,
  encoder: "ggml",
  measuresErrors: true,
  threads: 1,
  backend: REFERENCE,
  ...more,
});
const convert = (...args: Parameters<typeof options>) => convertToGguf(options(...args), backend);

async function quantized(output: string, method: string, given: Record<string, unknown>): Promise<string> {
  const path = join(folder, output);
  const plan = { method, options: given, rules: [] };
  await quantizeCheckpoint({
    input: model,
    output: path,
    plan,
    quantizers: QUANTIZERS,
    threads: 1,
    backend: REFERENCE,
  });
  return path;
}

async function bytesOf(path: string): Promise<Map<string, [string, Uint8Array]>> {
  const checkpoint = await openCheckpoint(path);
  const all = new Map<string, [string, Uint8Array]>();
  for (const tensor of checkpoint.tensors) {
    const bytes = new Uint8Array(tensor.byteLength);
    await checkpoint.read(tensor, 0, bytes);
    all.set(tensor.name, [tensor.blockType ?? tensor.dtype, bytes]);
  }
  await checkpoint.close();
  return all;
}

describe("convertToGguf", { timeout: 60_000 }, () => {
  it("writes a float model as F16, and the same from GGUF to GGUF as from the directory", async () => {
    const { weights } = await convert(model, "f16.gguf", "F16");
    expect(weights.find(({ name }) => name === "blk.0.attn_q.weight")).toMatchObject({ from: "BF16", to: "F16" });
    await convert(model, "q8.gguf", "Q8_0", { allowRequantize: true });
    await convert(model, "bf16.gguf", "BF16");
    const { error } = await convert(join(folder, "bf16.gguf"), "q8-again.gguf", "Q8_0", { allowRequantize: true });
    expect(await bytesOf(join(folder, "q8-again.gguf"))).toEqual(await bytesOf(join(folder, "q8.gguf")));
    expect(error!.relativeError).toBeGreaterThan(1e-7);
    expect(error!.relativeError).toBeLessThan(1e-3);
  });

  it("packs what fits exactly, rows of queries and keys in their order", async () => {
    const rtn = await quantized("rtn", "rtn", { bits: 4, group: 32, zero: "minimum" });
    const progress: ProgressEvent[] = [];
    const onProgress = (event: ProgressEvent) => progress.push(event);
    const { weights, inputBytes } = await convert(rtn, "packed.gguf", "Q4_1", { onProgress });
    expect(progress.at(-1)).toMatchObject({ doneBytes: inputBytes, totalBytes: inputBytes });
    expect(progress.map(({ tensor }) => tensor)).toEqual(
      expect.arrayContaining(["blk.0.attn_q.weight", "token_embd.weight"]),
    );
    const query = weights.find(({ name }) => name === "blk.0.attn_q.weight")!;
    expect(query).toMatchObject({ from: "lowbit", to: "Q4_1", outcome: "exact" });
    expect(weights.find(({ name }) => name === "token_embd.weight")).toMatchObject({ to: "BF16", outcome: "kept" });
    await convert(rtn, "dense.gguf", "F32");
    await convert(join(folder, "packed.gguf"), "packed-f32.gguf", "F32");
    const [packed, dense] = [await bytesOf(join(folder, "packed-f32.gguf")), await bytesOf(join(folder, "dense.gguf"))];
    expect(packed.get("blk.0.attn_q.weight")).toEqual(dense.get("blk.0.attn_q.weight"));
    expect(packed.get("blk.0.ffn_down.weight")).toEqual(dense.get("blk.0.ffn_down.weight"));
  });

  it("finds the type that holds a weight where none is named", async () => {
    const ternary = await quantized("ternary", "ternary", {});
    const { weights } = await convert(ternary, "as-is.gguf", undefined);
    expect(weights.find(({ name }) => name === "blk.0.ffn_up.weight")).toMatchObject({ to: "TQ1_0", outcome: "exact" });
  });

  it("convert/does-not-fit: plain weights, and codes of another grid", async () => {
    await expect(convert(model, "no.gguf", "Q8_0")).rejects.toThrow(
      /9 of 9 weights.*plain BF16; requantizing would add/,
    );
    const binary = await quantized("binary", "binary", { group: 128 });
    await expect(convert(binary, "no.gguf", "TQ2_0")).rejects.toThrow(
      expect.objectContaining({ code: "convert/does-not-fit" }),
    );
    const forecast = await forecastToGguf(options(binary, "no.gguf", "TQ2_0"), backend);
    expect(forecast.weights.filter(({ outcome }) => outcome === "refused")).toHaveLength(7);
    expect((await readdir(folder)).filter((name) => name.startsWith("no.gguf"))).toEqual([]);
  });

  it("gives tensors the types that rules state; the last wins", async () => {
    const rule = (text: string, type: "Q8_0" | "Q5_0") => ({
      origin: text,
      type,
      matches: (name: string) => name.includes(text),
    });
    const choice = {
      recipe: ggufRecipe("Q4_0"),
      isPure: true,
      outputType: "Q6_K",
      embeddingType: "F16",
      rules: [rule("ffn", "Q8_0"), rule("ffn_up", "Q5_0")],
    } as const;
    const { weights } = await convert(model, "rules.gguf", "Q4_0", { allowRequantize: true, choice });
    const types = Object.fromEntries(weights.map(({ name, to }) => [name, to]));
    expect(types).toMatchObject({
      "output.weight": "Q6_K",
      "token_embd.weight": "F16",
      "blk.0.ffn_down.weight": "Q8_0",
      "blk.0.ffn_up.weight": "Q5_0",
      "blk.0.attn_q.weight": "Q4_0",
    });
    const unmatched = { recipe: ggufRecipe("Q4_0"), rules: [rule("nothing", "Q8_0")] };
    await expect(convert(model, "no.gguf", "Q4_0", { choice: unmatched })).rejects.toThrow(
      expect.objectContaining({ code: "convert/unmatched-rule" }),
    );
  });

  it("splits into a directory, and reads it back", async () => {
    await convert(model, "split", "Q8_0", { allowRequantize: true, maxFileBytes: 150_000 });
    const names = await readdir(join(folder, "split"));
    expect(names[0]).toMatch(/^model-00001-of-0000\d\.gguf$/);
    const checkpoint = await openCheckpoint(join(folder, "split", names[0]!));
    expect(isGgufCheckpoint(checkpoint) && checkpoint.tensors.length).toBe(12);
    await checkpoint.close();
  });

  it("options/command-line: --pre without a byte-level tokenizer.json", async () => {
    await convert(model, "pre.gguf", "F16");
    const refused = expect.objectContaining({ code: "options/command-line" });
    await expect(convert(model, "no.gguf", "F16", { pre: "gpt-2" })).rejects.toThrow(refused);
    await expect(convert(join(folder, "pre.gguf"), "no.gguf", "F16", { pre: "gpt-2" })).rejects.toThrow(refused);
  });

  it("model/quantization-method: codes of a method that no layout reads", async () => {
    const foreign = join(folder, "foreign");
    await mkdir(foreign);
    await writeFile(join(foreign, "model.safetensors"), await readFile(join(model, "model.safetensors")));
    const config = { ...CONFIG, quantization_config: { quant_method: "quip" } };
    await writeFile(join(foreign, "config.json"), JSON.stringify(config));
    const refused = forecastToGguf(options(foreign, "no.gguf", "F16"), backend);
    await expect(refused).rejects.toThrow(expect.objectContaining({ code: "model/quantization-method" }));
    await expect(refused).rejects.toThrow(/"quip".*readable: lowbit, gptq, awq/);
  });

  it("pipeline/aborted: while it plans", async () => {
    const signal = AbortSignal.abort();
    await expect(convert(model, "no.gguf", "F16", { signal })).rejects.toThrow(
      expect.objectContaining({ code: "pipeline/aborted" }),
    );
    expect((await readdir(folder)).filter((name) => name.startsWith("no.gguf"))).toEqual([]);
  });

  it("is the same file for every run", async () => {
    await convert(model, "one.gguf", "Q4_1", { allowRequantize: true, encoder: "lowbit" });
    await convert(model, "two.gguf", "Q4_1", { allowRequantize: true, encoder: "lowbit" });
    expect(await readFile(join(folder, "one.gguf"))).toEqual(await readFile(join(folder, "two.gguf")));
  });
});
