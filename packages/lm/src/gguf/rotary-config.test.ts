import { describe, expect, it } from "vitest";
import { ConfigFields } from "../architectures/config-fields.js";
import { readGolden } from "../architectures/golden-model.fixture.js";
import { plainFrequencies, rotaryPositions } from "../architectures/rotary-frequencies.js";
import { goldenGguf, openGgufBytes, withKeys } from "./golden-gguf.fixture.js";
import { huggingFaceView } from "./hugging-face-view.js";
import { llama3Scaling } from "./llama3-scaling.js";

/** Factors that a converter writes for a Llama 3 rule. */
function llama3Factors(base: number, rotarySize: number, rule: Readonly<Record<string, unknown>>): number[] {
  const config = { rope_theta: base, rope_scaling: rule, max_position_embeddings: 131072 };
  const positions = rotaryPositions(new ConfigFields("model", config), { headSize: rotarySize });
  return plainFrequencies(base, rotarySize).map((plain, i) => Math.fround(plain / positions.frequencies[i]!));
}

describe("llama3Scaling", () => {
  it.each([
    ["Llama 3.1", 500_000, 128, { factor: 8, high_freq_factor: 4, original_max_position_embeddings: 8192 }],
    ["Llama 3.2", 500_000, 64, { factor: 32, high_freq_factor: 4, original_max_position_embeddings: 8192 }],
  ])("finds the rule of %s in the factors that it makes", (_, base, size, parameters) => {
    const rule = { rope_type: "llama3", low_freq_factor: 1, ...parameters };
    expect(llama3Scaling(llama3Factors(base, size, rule), base, size)).toEqual(rule);
  });

  it("finds none in other factors", () => {
    const factors = llama3Factors(500_000, 64, {
      rope_type: "llama3",
      factor: 8,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 8192,
    });
    expect(llama3Scaling(factors.with(-1, 3), 500_000, 64)).toBeUndefined();
    expect(
      llama3Scaling(
        factors.map(() => 1),
        500_000,
        64,
      ),
    ).toBeUndefined();
    expect(llama3Scaling([1, 1, 8, 8], 10_000, 8)).toBeUndefined();
  });
});

describe("the rotary embedding of a GGUF file", () => {
  const scalingOf = async (name: string, changes: Parameters<typeof withKeys>[1] = {}) => {
    const view = await huggingFaceView(await withKeys(await goldenGguf(readGolden(name)), changes));
    return view.config["rope_scaling"];
  };
  const float = (value: number) => ({ type: "float32", value: Math.fround(value) }) as const;
  const text = (value: string) => ({ type: "string", value }) as const;

  it("has the factors of single pairs where no rule gives them, as LongRoPE with one list", async () => {
    const scaling = (await scalingOf("llama3")) as Record<string, unknown>;
    expect(scaling).toMatchObject({ rope_type: "longrope", attention_factor: 1, factor: 1 });
    expect(scaling["long_factor"]).toEqual(scaling["short_factor"]);
    expect((scaling["long_factor"] as number[]).length).toBe(4);
  });

  it("has linear scaling, also under its old key, and none by 0, 1 or the type none", async () => {
    expect(await scalingOf("llama-linear")).toEqual({ rope_type: "linear", factor: 2.5 });
    expect(await scalingOf("llama2", { "llama.rope.scale_linear": float(4) })).toEqual({
      rope_type: "linear",
      factor: 4,
    });
    expect(await scalingOf("llama2", { "llama.rope.scaling.factor": float(0) })).toBeUndefined();
    expect(await scalingOf("llama2", { "llama.rope.scaling.factor": float(1) })).toBeUndefined();
    expect(await scalingOf("llama-linear", { "llama.rope.scaling.type": text("none") })).toBeUndefined();
  });

  it("has YaRN with what the file states of it", async () => {
    const yarn = { rope_type: "yarn", factor: 4, original_max_position_embeddings: 16, beta_fast: 2 };
    expect(await scalingOf("llama-yarn")).toEqual(yarn);
    const stated = await scalingOf("llama-yarn", { "llama.rope.scaling.yarn_attn_factor": float(1.5) });
    expect(stated).toEqual({ ...yarn, attention_factor: 1.5 });
    const multiplied = await scalingOf("llama-yarn", { "llama.rope.scaling.attn_factor": float(0.5) });
    expect(multiplied).toEqual({ ...yarn, attention_factor: 0.5 * (1 + 0.1 * Math.log(4)) });
  });

  it.each([
    ["llama-yarn", "llama.rope.scaling.yarn_log_multiplier", float(0.1)],
    ["llama-yarn", "llama.rope.scaling.yarn_ext_factor", float(0.5)],
    ["llama3", "llama.rope.scaling.factor", float(2)],
  ])("of %s with %s is refused", async (name, key, value) => {
    await expect(scalingOf(name, { [key]: value })).rejects.toThrow(
      expect.objectContaining({ code: "model/gguf-setting" }),
    );
  });

  it("refuses factors of another number of pairs", async () => {
    const file = await openGgufBytes(await goldenGguf(readGolden("llama3")));
    const metadata = new Map(file.gguf);
    for (const key of ["attention.key_length", "attention.value_length", "rope.dimension_count"]) {
      metadata.set(`llama.${key}`, { type: "uint32", value: 16 });
    }
    await expect(huggingFaceView({ ...file, gguf: metadata })).rejects.toThrow(
      expect.objectContaining({ code: "model/gguf-key" }),
    );
  });
});
