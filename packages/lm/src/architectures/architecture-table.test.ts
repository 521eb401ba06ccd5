import { describe, expect, it } from "vitest";
import { architectureOf } from "./architecture-table.js";
import { ConfigFields } from "./config-fields.js";
import { readGolden } from "./golden-model.fixture.js";

/** The decoder config of a golden model with some fields changed; undefined removes one. */
function plan(name: string, changes: Readonly<Record<string, unknown>>) {
  const fields = new ConfigFields("m", { ...readGolden(name).config, ...changes });
  return architectureOf(fields).plan(fields);
}
const config = (name: string, changes: Readonly<Record<string, unknown>>) => plan(name, changes).config;

/** A quantization_config of BitNet that is run, with changes. */
const online = (changes: Readonly<Record<string, unknown>>) => ({
  quant_method: "bitnet",
  linear_class: "autobitlinear",
  quantization_mode: "online",
  ...changes,
});

describe("architectureOf", () => {
  it.each(["rwkv", 7, undefined, "toString"])("refuses %j and lists what it knows", (modelType) => {
    const fields = new ConfigFields("m", { model_type: modelType });
    expect(() => architectureOf(fields)).toThrow(
      expect.objectContaining({
        code: "model/unknown-architecture",
        facts: expect.objectContaining({
          allowed: ["llama", "mistral", "qwen2", "qwen3", "gpt2", "gpt_neox", "bitnet"],
        }),
      }),
    );
  });
});

describe("configs that make no decoder", () => {
  it.each<[string, string, Readonly<Record<string, unknown>>, string]>([
    ["no heads", "llama2", { num_attention_heads: 0 }, "num_attention_heads"],
    [
      "heads that do not divide",
      "llama2",
      { num_attention_heads: 5, num_key_value_heads: 5, head_dim: null },
      "num_attention_heads",
    ],
    ["key heads that do not divide", "llama2", { num_key_value_heads: 4 }, "num_key_value_heads"],
    ["a million blocks", "llama2", { num_hidden_layers: 1e6 }, "num_hidden_layers"],
    ["a missing size", "llama2", { intermediate_size: undefined }, "intermediate_size"],
    ["no vocabulary", "gpt2", { vocab_size: null }, "vocab_size"],
    ["heads of an odd size", "llama2", { head_dim: 5 }, "head_dim"],
    ["heads of a million features", "llama2", { head_dim: 1e6 }, "head_dim"],
    ["inner norms beside longer heads", "bitnet", { head_dim: 8 }, "head_dim"],
    [
      "sliding Mistral layers without a window",
      "mistral",
      { sliding_window: null, layer_types: ["sliding_attention", "full_attention"] },
      "sliding_window",
    ],
    [
      "more rotation than there is",
      "gpt-neox-parallel",
      { rope_parameters: { partial_rotary_factor: 2 } },
      "rotary_pct",
    ],
    ["an unknown activation", "gpt2", { activation_function: "mish" }, "activation_function"],
    ["GPT-2 heads that do not divide", "gpt2", { n_head: 5 }, "n_head"],
    ["GPT-NeoX heads that do not divide", "gpt-neox-parallel", { num_attention_heads: 3 }, "num_attention_heads"],
    ["an end token beyond the vocabulary", "llama2", { eos_token_id: [2, 41] }, "eos_token_id"],
    ["too few layer types", "qwen3", { layer_types: ["full_attention"] }, "layer_types"],
    [
      "sliding layers without a window",
      "qwen2",
      { use_sliding_window: false, layer_types: ["full_attention", "sliding_attention"] },
      "sliding_window",
    ],
    [
      "a factor of 0",
      "llama-linear",
      { rope_parameters: { rope_type: "linear", factor: 0 } },
      "rope_parameters.factor",
    ],
  ])("refuses %s", (_, name, changes, field) => {
    expect(() => plan(name, changes)).toThrow(
      expect.objectContaining({ code: "model/config-field", facts: expect.objectContaining({ field }) }),
    );
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ["llama2", { rope_parameters: { rope_type: "dynamic", factor: 2 } }, "rope_type"],
    ["gpt2", { scale_attn_by_inverse_layer_idx: true }, "scale_attn_by_inverse_layer_idx"],
    ["gpt2", { add_cross_attention: true }, "add_cross_attention"],
    ["llama2", { partial_rotary_factor: 0.5 }, "partial_rotary_factor"],
    ["llama2", { rope_parameters: { partial_rotary_factor: 0.5 } }, "rope_parameters.partial_rotary_factor"],
    [
      "qwen3",
      { rope_parameters: { sliding_attention: { rope_type: "linear", factor: 2 } } },
      "rope_parameters.sliding_attention",
    ],
    ["gpt-neox-parallel", { head_dim: 8 }, "head_dim"],
    [
      "bitnet-online",
      { quantization_config: online({ modules_to_not_convert: [] }) },
      "quantization_config.modules_to_not_convert",
    ],
    [
      "bitnet-online",
      { quantization_config: online({ modules_to_not_convert: ["lm_head", "q_proj"] }) },
      "quantization_config.modules_to_not_convert",
    ],
    [
      "bitnet",
      { quantization_config: { quant_method: "bitnet", linear_class: "linear" } },
      "quantization_config.linear_class",
    ],
    [
      "bitnet-online",
      { quantization_config: online({ quantization_mode: "later" }) },
      "quantization_config.quantization_mode",
    ],
    ["bitnet-online", { quantization_config: online({ use_rms_norm: true }) }, "quantization_config.use_rms_norm"],
  ])("refuses a setting of %s that is not run", (name, changes, setting) => {
    expect(() => plan(name, changes)).toThrow(
      expect.objectContaining({ code: "model/unsupported-setting", facts: expect.objectContaining({ setting }) }),
    );
  });
});

describe("a quantization_config of BitNet", () => {
  it.each(["bitnet", "llama2"])("has activations of 8 bits before the layers of %s", (name) => {
    for (const quantization of [
      online({}),
      online({ quantization_mode: "offline" }),
      { quant_method: "bitnet" },
      { quant_method: "bitnet", modules_to_not_convert: ["model.embed_tokens", "lm_head"] },
      { quant_method: "lowbit", replaced: online({ quantization_mode: "offline" }) },
    ]) {
      expect(config(name, { quantization_config: quantization }).activations).toEqual({ bits: 8 });
    }
    expect(config(name, { quantization_config: { quant_method: "fp8" } })).not.toHaveProperty("activations");
  });
});

describe("configs from before transformers 5", () => {
  it.each<[string, Readonly<Record<string, unknown>>]>([
    ["llama2", { rope_theta: 10_000 }],
    ["llama-linear", { rope_theta: 1000, rope_scaling: { type: "linear", factor: 2.5 } }],
    [
      "llama3",
      {
        rope_theta: 100,
        rope_scaling: {
          rope_type: "llama3",
          factor: 4,
          low_freq_factor: 1,
          high_freq_factor: 4,
          original_max_position_embeddings: 16,
        },
      },
    ],
    ["gpt-neox-sequential", { rotary_emb_base: 100, rotary_pct: 0.5 }],
    ["gpt-neox-parallel", {}],
  ])("mean the same for %s", (name, old) => {
    const changes = { rope_parameters: undefined, dtype: undefined, torch_dtype: "float32", ...old };
    expect(config(name, changes)).toEqual(config(name, {}));
  });
});

describe("scaled rotations", () => {
  const yarn = { rope_type: "yarn", factor: 4, original_max_position_embeddings: 16, rope_theta: 50 };
  const positions = (changes: Readonly<Record<string, unknown>>) => config("llama2", changes).positions;

  it("are those of rope_scaling where rope_parameters stand beside it", () => {
    const scaled = positions({ rope_parameters: yarn });
    expect(positions({ rope_scaling: yarn })).toEqual(scaled);
    expect(scaled).not.toEqual(positions({}));
    expect(positions({ rope_scaling: {} })).toEqual(positions({}));
  });

  it.each(["yarn", "llama3"])("take the original context of %s from where it stands", (rope_type) => {
    const scaling = { ...yarn, rope_type, low_freq_factor: 1, high_freq_factor: 4 };
    const original = (rope: number | undefined, beside?: number) =>
      positions({
        max_position_embeddings: 64,
        original_max_position_embeddings: beside,
        rope_parameters: { ...scaling, original_max_position_embeddings: rope },
      });
    expect(original(undefined)).toEqual(original(64));
    expect(original(16, 32)).toEqual(original(32));
    expect(original(16)).not.toEqual(original(64));
  });

  it("of YaRN are not truncated where the config has null", () => {
    const truncated = (truncate?: boolean | null) =>
      positions({ head_dim: 16, rope_parameters: { ...yarn, ...(truncate !== undefined && { truncate }) } });
    expect(truncated(null)).toEqual(truncated(false));
    expect(truncated()).toEqual(truncated(true));
    expect(truncated(null)).not.toEqual(truncated(true));
  });
});

describe("heads", () => {
  it("of Qwen3 have 128 features where the config does not say", () => {
    expect(config("qwen3", { head_dim: undefined }).headSize).toBe(128);
  });
});

describe("sliding windows", () => {
  it("of Mistral: 4096 where the config does not say, none for null", () => {
    expect(config("mistral", { sliding_window: undefined }).slidingWindows).toEqual([4096, 4096]);
    expect(config("mistral", { sliding_window: null }).slidingWindows).toEqual([0, 0]);
    const layer_types = ["full_attention", "sliding_attention"];
    expect(config("mistral", { sliding_window: 7, layer_types }).slidingWindows).toEqual([0, 7]);
  });

  it("of Qwen: from max_window_layers on, or as layer_types says, when in use", () => {
    const windows = (changes: Readonly<Record<string, unknown>>) => config("qwen2", changes).slidingWindows;
    expect(windows({ layer_types: undefined })).toEqual([0, 3]);
    expect(windows({ layer_types: undefined, max_window_layers: 0 })).toEqual([3, 3]);
    expect(windows({ layer_types: ["sliding_attention", "full_attention"] })).toEqual([3, 0]);
    expect(windows({ layer_types: undefined, use_sliding_window: false })).toEqual([0, 0]);
  });
});
