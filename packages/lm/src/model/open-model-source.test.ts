import { createReferenceBackend, type KernelBackend } from "@lowbit/core/backend";
import type { FloatDtype } from "@lowbit/core/dtype";
import type { TensorData } from "@lowbit/core/safetensors";
import { createWasmBackend } from "@lowbit/kernels-wasm";
import { describe, expect, it } from "vitest";
import {
  floatTensor,
  goldenTensors,
  memoryCheckpoint,
  readGolden,
  weightValues,
} from "../architectures/golden-model.fixture.js";
import { decodeRows } from "../forward/linear.js";
import { sequenceLogits } from "../forward/sequence-logits.fixture.js";
import { blockLinears } from "./layers.js";
import { openModelSource } from "./open-model-source.js";

const backend = createReferenceBackend();

async function open(
  name: string,
  change: (tensors: TensorData[]) => readonly TensorData[] = (tensors) => tensors,
  config: Readonly<Record<string, unknown>> = {},
  on: KernelBackend = backend,
) {
  const golden = readGolden(name);
  const checkpoint = await memoryCheckpoint(change(goldenTensors(golden)));
  return openModelSource({ name, checkpoint, config: { ...golden.config, ...config } }, on);
}
const without = (name: string) => (tensors: TensorData[]) => tensors.filter((tensor) => tensor.name !== name);
const withTensor = (tensor: TensorData) => (tensors: TensorData[]) => [...without(tensor.name)(tensors), tensor];
const code = (expected: string, facts: Readonly<Record<string, unknown>> = {}) =>
  expect.objectContaining({ code: expected, facts: expect.objectContaining(facts) });

const QUERY = "model.layers.0.self_attn.q_proj.weight";

describe("openModelSource refuses", () => {
  it("missing tensors, by name, before it reads a weight", async () => {
    const opening = open("llama2", (tensors) => tensors.filter(({ name }) => !name.includes("q_proj")));
    await expect(opening).rejects.toThrow(
      code("model/missing-tensors", { count: 2, tensors: [QUERY, QUERY.replace(".0.", ".1.")] }),
    );
  });

  it("extra tensors, by name", async () => {
    await expect(open("llama2", withTensor(floatTensor("model.layers.0.lora.weight", [2, 2])))).rejects.toThrow(
      code("model/extra-tensors", { count: 1, tensors: ["model.layers.0.lora.weight"] }),
    );
  });

  it("the tensors of a bias that the config does not have", async () => {
    await expect(open("llama3", undefined, { mlp_bias: false })).rejects.toThrow(
      code("model/extra-tensors", { count: 6 }),
    );
  });

  it("wrong shapes, with both", async () => {
    await expect(open("llama2", withTensor(floatTensor(QUERY, [24, 12])))).rejects.toThrow(
      code("model/tensor-shape", { tensor: QUERY, found: [24, 12], expected: [24, 24] }),
    );
    await expect(open("llama2", undefined, { intermediate_size: 38 })).rejects.toThrow(code("model/tensor-shape"));
  });

  it("integers for weights", async () => {
    const tensor: TensorData = { name: QUERY, shape: [24, 24], dtype: "I8", data: new Uint8Array(576) };
    await expect(open("llama2", withTensor(tensor))).rejects.toThrow(
      code("model/tensor-dtype", { tensor: QUERY, found: "I8" }),
    );
  });

  it.each<[string, FloatDtype, number]>([
    [QUERY, "F32", Number.NaN],
    [QUERY, "BF16", Infinity],
    [QUERY, "F64", Number.NaN],
    ["model.layers.0.input_layernorm.weight", "F16", Number.NaN],
  ])("%s in %s that holds %d, when the part is loaded", async (name, dtype, value) => {
    const shape = readGolden("llama2").tensors[name]!;
    const values = weightValues(name, shape);
    values[7] = value;
    const source = await open("llama2", withTensor(floatTensor(name, shape, dtype, values)));
    await expect(source.loadBlock(0)).rejects.toThrow(code("model/not-finite", { tensor: name, found: 1 }));
    await source.loadBlock(1);
  });

  it("weights that are NaN after online quantization has read them", async () => {
    const values = weightValues(QUERY, [24, 24]);
    values[100] = Number.NaN;
    const source = await open("bitnet-online", withTensor(floatTensor(QUERY, [24, 24], "F32", values)));
    await expect(source.load()).rejects.toThrow(code("model/not-finite", { tensor: QUERY }));
  });

  it("a head of a tied model that is not the embedding, when it is loaded", async () => {
    const values = weightValues("model.embed_tokens.weight", [41, 24]);
    values[24 * 3 + 1] = 0.125;
    const facts = { head: "lm_head.weight", embedding: "model.embed_tokens.weight" };
    const another = await open("qwen2", withTensor(floatTensor("lm_head.weight", [41, 24], "F32", values)));
    await expect(another.load()).rejects.toThrow(code("model/tied-head", facts));
    await expect(another.loadHead()).rejects.toThrow("differs in row 3 from");
    const longer = await open("qwen2", withTensor(floatTensor("lm_head.weight", [42, 24])));
    await expect(longer.load()).rejects.toThrow(code("model/tied-head", facts));
  });

  it.each([{ is_causal: false }, { per_layer_config: { "1": { rms_norm_eps: 0.5 } } }])(
    "the setting %j of any architecture",
    async (config) => {
      const setting = Object.keys(config)[0];
      await expect(open("llama2", undefined, config)).rejects.toThrow(code("model/unsupported-setting", { setting }));
    },
  );

  it.each([
    ["llama2", { quant_method: "quip" }],
    ["llama2", { bits: 4 }],
    ["gpt2", { quant_method: "bitnet" }],
  ])("of %s the quantization %j", async (name, quantization_config) => {
    await expect(open(name, undefined, { quantization_config })).rejects.toThrow(code("model/quantization-method", {}));
  });
});

describe("openModelSource accepts", () => {
  it("buffers of old checkpoints", async () => {
    await open("llama2", withTensor(floatTensor("model.layers.1.self_attn.rotary_emb.inv_freq", [2])));
    const mask: TensorData = {
      name: "transformer.h.0.attn.bias",
      shape: [1, 1, 2, 2],
      dtype: "U8",
      data: new Uint8Array(4),
    };
    await open("gpt2", withTensor(mask));
  });

  it("GPT-2 without the prefix of its names", async () => {
    const bare = (tensors: TensorData[]) =>
      tensors.map((tensor) => ({ ...tensor, name: tensor.name.replace(/^transformer\./, "") }));
    const source = await open("gpt2", bare);
    const [full, short] = [await (await open("gpt2")).load(), await source.load()];
    expect(short.blocks[0]!.attention.output.name).toBe(full.blocks[0]!.attention.output.name);
  });

  it("the head of a tied model, if it is the embedding; an untied model has one of its own", async () => {
    const shape = [41, 24];
    const copy = floatTensor("lm_head.weight", shape, "BF16", weightValues("model.embed_tokens.weight", shape));
    const tied = await (await open("qwen2", withTensor(copy))).load();
    expect(tied.head.output.terms[0]).toBe(tied.embedding.tokens.terms[0]);
    const head = floatTensor("lm_head.weight", shape);
    const untied = await (await open("qwen2", withTensor(head), { tie_word_embeddings: false })).load();
    expect(untied.head.output.name).toBe("lm_head.weight");
    await expect(open("llama2", without("lm_head.weight"))).rejects.toThrow(code("model/missing-tensors"));
  });

  it("floats of 8 bits, decoded to F32", async () => {
    const values = Float32Array.from({ length: 576 }, (_, i) => ((i % 15) - 7) / 8);
    const source = await open("llama2", withTensor(floatTensor(QUERY, [24, 24], "F8_E4M3", values)));
    const { part } = await source.loadBlock(0);
    const [query] = blockLinears(part);
    expect(query!.terms[0]!.layout).toMatchObject({ kind: "dense", valueDtype: "F32" });
    const decoded = new Float32Array(576);
    decodeRows(query!, 0, 24, decoded, backend);
    expect(decoded).toEqual(values);
  });

  it("more special tokens from generation_config.json", async () => {
    const golden = readGolden("llama2");
    const checkpoint = await memoryCheckpoint(goldenTensors(golden));
    const config = { ...golden.config, bos_token_id: null };
    const generationConfig = { bos_token_id: 5, eos_token_id: [2, 7] };
    const source = await openModelSource({ name: "m", checkpoint, config, generationConfig }, backend);
    expect(source.config).toMatchObject({ beginToken: 5, endTokens: [2, 7] });
  });
});

describe("a loaded model", () => {
  it("keeps the storage dtype and counts its bytes, a tied matrix once", async () => {
    const golden = readGolden("qwen2");
    const checkpoint = await memoryCheckpoint(goldenTensors(golden, "BF16"));
    const model = await (await openModelSource({ name: "m", checkpoint, config: golden.config }, backend)).load();
    expect(model.embedding.tokens.terms[0]!.layout).toMatchObject({ valueDtype: "BF16" });
    const bytes = Object.values(golden.tensors).map((shape) => {
      const elements = shape.reduce((product, size) => product * size, 1);
      return 64 * Math.ceil(((shape.length === 1 ? 4 : 2) * elements) / 64);
    });
    expect(model.weightBytes).toBe(bytes.reduce((sum, byteLength) => sum + byteLength, 0));
  });

  it("gives all of its memory back", async () => {
    let held = 0;
    const counting: KernelBackend = {
      ...backend,
      allocate(byteLength) {
        const buffer = backend.allocate(byteLength);
        held += byteLength;
        return { ...buffer, release: () => (held -= byteLength) };
      },
    };
    const source = await open("llama2", undefined, {}, counting);
    expect(held).toBe(0);
    const model = await source.load();
    expect(held).toBe(model.weightBytes);
    model.close();
    expect(held).toBe(0);
    expect(() => model.head.norm.weight.values).toThrow(code("model/released"));

    const values = Float32Array.of(...weightValues(QUERY, [24, 23]), ...Array(24).fill(Number.NaN));
    const broken = await open("llama2", withTensor(floatTensor(QUERY, [24, 24], "F32", values)), {}, counting);
    await expect(broken.load()).rejects.toThrow(code("model/not-finite"));
    expect(held).toBe(0);
  });

  it.each(["qwen3", "bitnet-online"])("%s runs on after the memory of WASM has moved", async (name) => {
    const wasm = await createWasmBackend();
    const { ids } = readGolden(name);
    const model = await (await open(name, undefined, {}, wasm)).load();
    const before = sequenceLogits(model, wasm, ids);
    wasm.allocate(2 ** 29);
    expect(sequenceLogits(model, wasm, ids)).toEqual(before);
    wasm.close();
  });

  it("lies on the same weights whole and in parts", async () => {
    const source = await open("gpt-neox-parallel");
    const model = await source.load();
    const { part, byteLength, release } = await source.loadBlock(1);
    expect(part).toEqual(model.blocks[1]);
    expect(byteLength).toBe(source.describeBlock(1).byteLength);
    release();
    const ends = [await source.loadEmbedding(), await source.loadHead()] as const;
    expect([ends[0].part, ends[1].part]).toEqual([model.embedding, model.head]);
  });
});
