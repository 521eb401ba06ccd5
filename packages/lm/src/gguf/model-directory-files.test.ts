import { describe, expect, it } from "vitest";
import { GOLDEN_NAMES, readGolden } from "../architectures/golden-model.fixture.js";
import { goldenGguf, openGgufBytes } from "./golden-gguf.fixture.js";
import { huggingFaceView } from "./hugging-face-view.js";
import { isTransposedInDirectory, modelDirectoryFiles } from "./model-directory-files.js";

async function filesOf(name: string, keepsMatrices = false): Promise<Record<string, Record<string, unknown>>> {
  const checkpoint = await openGgufBytes(await goldenGguf(readGolden(name)));
  const files = modelDirectoryFiles(checkpoint, await huggingFaceView(checkpoint), "F16", keepsMatrices);
  return Object.fromEntries([...files].map(([file, text]) => [file, JSON.parse(text)]));
}

/** Fields that say how a model runs; what a GGUF file cannot say, or says otherwise, is left out. */
const SAME = [
  "model_type",
  "architectures",
  "vocab_size",
  "hidden_size",
  "intermediate_size",
  "num_hidden_layers",
  "num_attention_heads",
  "head_dim",
  "rms_norm_eps",
  "layer_norm_eps",
  "max_position_embeddings",
  "tie_word_embeddings",
  "use_parallel_residual",
  "sliding_window",
  "use_sliding_window",
  "layer_types",
  "attention_bias",
  "mlp_bias",
  "n_embd",
  "n_layer",
  "n_head",
  "n_positions",
  "layer_norm_epsilon",
  "activation_function",
  "hidden_act",
  "bos_token_id",
  "eos_token_id",
];

describe("modelDirectoryFiles", () => {
  it.each(GOLDEN_NAMES)("gives %s the config that it was made of", async (name) => {
    const { config } = readGolden(name);
    const { "config.json": found } = await filesOf(name);
    for (const field of SAME) if (field in found!) expect([field, found![field]]).toEqual([field, config[field]]);
    expect(found!["torch_dtype"]).toBe("float16");
  });

  it("gives the special tokens to generation_config.json", async () => {
    const { "generation_config.json": generation } = await filesOf("llama2");
    expect(generation).toEqual({ bos_token_id: 1, eos_token_id: 2 });
  });

  it("writes no marker for GPT-2 unless its matrices stay as they are", async () => {
    expect((await filesOf("gpt2"))["config.json"]!["lowbit"]).toBeUndefined();
    expect((await filesOf("gpt2", true))["config.json"]!["lowbit"]).toEqual({ linear_weights: "out-in" });
  });
});

describe("isTransposedInDirectory", () => {
  it("names the matrices of GPT-2's blocks", async () => {
    const view = await huggingFaceView(await openGgufBytes(await goldenGguf(readGolden("gpt2"))));
    const transposed = view.checkpoint.tensors
      .map(({ name }) => name)
      .filter((name) => isTransposedInDirectory(view, name));
    expect(transposed.filter((name) => name.includes(".0."))).toEqual([
      "transformer.h.0.attn.c_attn.weight",
      "transformer.h.0.attn.c_proj.weight",
      "transformer.h.0.mlp.c_fc.weight",
      "transformer.h.0.mlp.c_proj.weight",
    ]);
    expect(transposed.length).toBe(8);
  });

  it("names none of a Llama", async () => {
    const view = await huggingFaceView(await openGgufBytes(await goldenGguf(readGolden("llama2"))));
    expect(view.checkpoint.tensors.some(({ name }) => isTransposedInDirectory(view, name))).toBe(false);
  });
});
