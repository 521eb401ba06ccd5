import { createReferenceBackend } from "@lowbit/core/backend";
import { describe, expect, it } from "vitest";
import {
  floatTensor,
  type GoldenModel,
  goldenTensors,
  memoryCheckpoint,
  readGolden,
} from "../architectures/golden-model.fixture.js";
import { exportMetadata } from "./export-metadata.js";
import { exportModel } from "./export-model.js";
import { exportGolden } from "./golden-gguf.fixture.js";

const backend = createReferenceBackend();
const withConfig = (name: string, config: Readonly<Record<string, unknown>>): GoldenModel => {
  const golden = readGolden(name);
  return { ...golden, config: { ...golden.config, ...config } };
};

describe("exportModel", () => {
  it("lists tensors from the embedding to the output, block by block", async () => {
    const { tensors } = await exportGolden(readGolden("llama3"));
    expect(tensors.slice(0, 4).map(({ name, role }) => [name, role])).toEqual([
      ["token_embd.weight", "embedding"],
      ["rope_freqs.weight", "kept"],
      ["blk.0.attn_norm.weight", "kept"],
      ["blk.0.attn_q.weight", "matrix"],
    ]);
    expect(tensors.at(-1)!.name).toBe("output_norm.weight");
  });

  it("keeps the positions of GPT-2 and transposes its matrices", async () => {
    const { tensors } = await exportGolden(readGolden("gpt2"));
    const named = (name: string) => tensors.find((tensor) => tensor.name === name)!;
    expect(named("position_embd.weight").role).toBe("kept");
    expect(named("blk.0.attn_qkv.weight")).toMatchObject({ shape: [72, 24], source: { isTransposed: true } });
    expect(named("blk.0.attn_qkv.bias").shape).toEqual([72]);
    expect(named("token_embd.weight")).toMatchObject({ shape: [41, 24], source: { isTransposed: false } });
  });

  it("takes GPT-2 names without their beginning", async () => {
    const golden = readGolden("gpt2");
    const tensors = goldenTensors(golden).map((tensor) => ({
      ...tensor,
      name: tensor.name.replace(/^transformer\./, ""),
    }));
    const checkpoint = await memoryCheckpoint(tensors);
    const model = await exportModel({ name: "golden", checkpoint, config: golden.config }, backend);
    expect(model.tensors.map(({ name }) => name)).toContain("blk.1.ffn_down.weight");
  });

  it("leaves out the copy of a tied head that equals the embedding, and refuses another one", async () => {
    const golden = readGolden("smollm");
    const tensors = goldenTensors(golden);
    const embedding = tensors.find(({ name }) => name === "model.embed_tokens.weight")!;
    const copy = { ...embedding, name: "lm_head.weight" };
    const checkpoint = await memoryCheckpoint([...tensors, copy]);
    const model = await exportModel({ name: "golden", checkpoint, config: golden.config }, backend);
    expect(model.tensors.some(({ role }) => role === "output")).toBe(false);
    const other = await memoryCheckpoint([...tensors, floatTensor("lm_head.weight", embedding.shape)]);
    await expect(exportModel({ name: "golden", checkpoint: other, config: golden.config }, backend)).rejects.toThrow(
      expect.objectContaining({ code: "model/tied-head" }),
    );
  });

  it("writes the output of a tied GPT-NeoX, which llama.cpp asks for", async () => {
    const golden = withConfig("gpt-neox-parallel", { tie_word_embeddings: true });
    const { "embed_out.weight": _, ...tensors } = golden.tensors;
    const model = await exportGolden({ ...golden, tensors });
    const [embedding, output] = [model.tensors[0]!, model.tensors.at(-1)!];
    expect([output.name, output.role, output.source]).toEqual(["output.weight", "output", embedding.source]);
  });

  it.each([
    ["another activation", withConfig("llama2", { hidden_act: "gelu" })],
    ["another activation of GPT-2", withConfig("gpt2", { activation_function: "relu" })],
    ["attention without scaling", withConfig("gpt2", { scale_attn_weights: false })],
    [
      "YaRN that rounds no pair",
      withConfig("llama-yarn", {
        rope_parameters: { rope_type: "yarn", factor: 4, original_max_position_embeddings: 16, truncate: false },
      }),
    ],
  ])("refuses %s", async (_, golden) => {
    await expect(exportGolden(golden)).rejects.toThrow(expect.objectContaining({ code: "model/gguf-export" }));
  });

  it.each([
    ["mistral", "no sliding window"],
    ["qwen2", "no sliding window"],
    ["qwen3", "refuses the bias of attn_output"],
    ["gpt-neox-parallel", "GELU by tanh"],
    ["bitnet", "Only bitnet.cpp"],
  ])("says what llama.cpp does otherwise with %s", async (name, note) => {
    expect((await exportGolden(readGolden(name))).notes.join()).toContain(note);
  });

  it("says nothing where llama.cpp does the same", async () => {
    for (const name of ["llama2", "llama3", "llama-linear", "llama-yarn", "smollm", "gpt2"]) {
      expect((await exportGolden(readGolden(name))).notes).toEqual([]);
    }
  });
});

describe("exportMetadata", () => {
  it("has one order: general keys, those of the architecture, those of the tokenizer, further ones", async () => {
    const model = await exportGolden(readGolden("llama2"));
    const text = (value: string) => ({ type: "string", value }) as const;
    const metadata = exportMetadata(model, {
      name: "tiny",
      fileType: 15,
      isQuantized: true,
      tokenizer: new Map([["tokenizer.ggml.model", text("gpt2")]]),
      further: new Map([["quantize.imatrix.file", text("imatrix.gguf")]]),
    });
    expect([...metadata.keys()]).toEqual([
      "general.architecture",
      "general.type",
      "general.name",
      "general.file_type",
      "general.quantization_version",
      "llama.vocab_size",
      "llama.context_length",
      "llama.embedding_length",
      "llama.block_count",
      "llama.feed_forward_length",
      "llama.attention.head_count",
      "llama.attention.head_count_kv",
      "llama.attention.key_length",
      "llama.attention.value_length",
      "llama.attention.layer_norm_rms_epsilon",
      "llama.rope.dimension_count",
      "llama.rope.freq_base",
      "tokenizer.ggml.model",
      "quantize.imatrix.file",
    ]);
  });

  it("states begin and end tokens of a model without a tokenizer", async () => {
    const model = await exportGolden(readGolden("llama2"));
    const metadata = exportMetadata(model, { name: "tiny", fileType: 0, isQuantized: false });
    const values = ["model", "bos_token_id", "eos_token_id"].map((key) => metadata.get(`tokenizer.ggml.${key}`));
    expect(values.map((value) => value?.type !== "array" && value?.value)).toEqual(["no_vocab", 1, 2]);
    expect(metadata.has("general.quantization_version")).toBe(false);
  });
});
