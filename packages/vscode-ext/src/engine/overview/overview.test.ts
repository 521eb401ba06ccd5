import { ggufArray } from "@lowbit/core/gguf";
import type { Checkpoint } from "@lowbit/core/safetensors";
import { describe, expect, it } from "vitest";
import { metadataEntries } from "./metadata-entries.js";
import { memoryEstimate, modelArchitecture } from "./model-architecture.js";
import { skylineGroups } from "./skyline.js";

const withConfig = (config: Record<string, unknown>): Checkpoint =>
  ({ config, metadata: new Map() }) as unknown as Checkpoint;

describe("modelArchitecture", () => {
  it("reads the configurations of the families", () => {
    const gpt2 = { architectures: ["GPT2LMHeadModel"], n_layer: 12, n_embd: 768, n_head: 12, n_ctx: 1024 };
    expect(modelArchitecture(withConfig(gpt2))).toEqual({
      summary: "GPT2LMHeadModel, 12 layers, hidden 768, 12 heads",
      cacheValuesPerToken: 12 * 12 * 128,
      contextLength: 1024,
    });
    const parts = { model_type: "x", text_config: { num_hidden_layers: 2, num_attention_heads: 4, head_dim: 8 } };
    expect(modelArchitecture(withConfig(parts))).toEqual({
      summary: "x, 2 layers, 4 heads",
      cacheValuesPerToken: 2 * 4 * 16,
    });
  });

  it("reads GGUF metadata", () => {
    const value = (type: "string" | "uint32", content: string | number) => ({ type, value: content });
    const gguf = new Map<string, unknown>([
      ["general.architecture", value("string", "llama")],
      ["llama.block_count", value("uint32", 2)],
      ["llama.embedding_length", value("uint32", 64)],
      ["llama.attention.head_count", value("uint32", 4)],
      ["llama.attention.head_count_kv", value("uint32", 2)],
      ["llama.context_length", value("uint32", 512)],
      ["tokenizer.ggml.tokens", ggufArray("string", Array(9).fill("t"))],
    ]);
    const checkpoint = { gguf, metadata: new Map([["m", { note: "n" }]]) } as unknown as Checkpoint;
    expect(modelArchitecture(checkpoint)).toEqual({
      summary: "llama, 2 layers, hidden 64, 4 heads (2 key-value), vocabulary 9",
      cacheValuesPerToken: 2 * 2 * 32,
      contextLength: 512,
    });
    const entries = metadataEntries(checkpoint);
    expect(entries[0]).toEqual({ key: "note", value: "n" });
    expect(entries.at(-1)).toEqual({ key: "tokenizer.ggml.tokens", value: "9 values of type string" });
  });

  it("says nothing of sizes that are none, and of caches that it does not know", () => {
    for (const layers of ["12", -1, 1.5, Number.NaN, 1e300, null, {}, []]) {
      const found = modelArchitecture(
        withConfig({ model_type: "m", num_hidden_layers: layers, n_head: 1, head_dim: 1 }),
      );
      expect(found).toEqual({ summary: "m, 1 head" });
    }
    expect(modelArchitecture(withConfig({ architectures: 7 }))).toBeUndefined();
    const latent = { num_hidden_layers: 1, num_attention_heads: 1, head_dim: 1, kv_lora_rank: 512 };
    expect(memoryEstimate(modelArchitecture(withConfig(latent)), 1)).toBeUndefined();
  });
});

describe("metadataEntries", () => {
  it("cuts long texts and lists a pair once", () => {
    const long = "x".repeat(1000);
    const metadata = new Map([
      ["a", { k: long, format: "pt" }],
      ["b", { k: long, format: "np" }],
    ]);
    const entries = metadataEntries({ metadata } as unknown as Checkpoint);
    expect(entries.map(({ key }) => key)).toEqual(["k", "format", "format"]);
    expect(entries[0]!.value).toHaveLength(301);
  });
});

describe("skylineGroups", () => {
  const groups = (names: readonly string[]) => skylineGroups(names.map((name) => ({ name })));
  const labels = (names: readonly string[]) => groups(names).map(({ label }) => label);

  it("has a column for every block and for what stands outside", () => {
    const names = ["lm_head.weight", "model.layers.0.a.weight", "model.layers.0.experts.7.b", "model.layers.10.a"];
    expect(labels(names)).toEqual(["lm_head", "layers 0", "layers 10"]);
    expect(labels(["blk.0.attn.weight", "h.3.w", "token_embd.weight", "w"])).toEqual([
      "blk 0",
      "h 3",
      "token_embd",
      "w",
    ]);
    expect(labels(["e.layers.0.a", "d.layers.0.a", "e.layers.0.b"])).toEqual(["layers 0", "layers 0"]);
  });

  it("joins neighbours where there are more than 512, and loses none", () => {
    const joined = groups(Array.from({ length: 1100 }, (_, layer) => `layers.${layer}.w`));
    expect(joined.length).toBeLessThanOrEqual(512);
    expect(joined[0]).toMatchObject({ label: "layers 0 … layers 2" });
    expect(joined.flatMap(({ members }) => members)).toHaveLength(1100);
  });

  it("takes any name", () => {
    const names = ["", ".", "0", "0.1", "..5..", "a".repeat(5000), "\u0000.1.x", "constructor.0.w", "__proto__"];
    expect(groups(names).flatMap(({ members }) => members)).toHaveLength(names.length);
  });
});
