import { createReferenceBackend } from "@lowbit/core/backend";
import { blockType } from "@lowbit/core/blocks";
import { type GgufTensorData, writeGguf } from "@lowbit/core/gguf";
import { openWeight, recogniseWeights } from "@lowbit/core/layouts";
import { decodeTerms } from "@lowbit/core/terms";
import { describe, expect, it } from "vitest";
import { readGolden, weightValues } from "../architectures/golden-model.fixture.js";
import { goldenGguf, openGgufBytes, withKeys } from "./golden-gguf.fixture.js";
import { huggingFaceView } from "./hugging-face-view.js";
import { openGgufSource } from "./open-gguf-source.js";
import { placeRows } from "./place-rows.js";
import { ggufRow, type RowOrder, sourceRow } from "./row-order.js";

const backend = createReferenceBackend();
const viewOf = async (bytes: Uint8Array) => huggingFaceView(await openGgufBytes(bytes));
const text = (value: string) => ({ type: "string", value }) as const;
const integer = (value: number) => ({ type: "uint32", value }) as const;

describe("a tensor of the view", () => {
  it("tells which tensor of the file it is, and whether its rows are in another order", async () => {
    const view = await viewOf(await goldenGguf(readGolden("llama2")));
    const query = "model.layers.1.self_attn.q_proj.weight";
    expect(view.original(query)).toEqual({ name: "blk.1.attn_q.weight", isReordered: true });
    const value = "model.layers.1.self_attn.v_proj.weight";
    expect(view.original(value)).toEqual({ name: "blk.1.attn_v.weight", isReordered: false });
    expect(view.original("blk.1.attn_q.weight")).toBeUndefined();
  });
});

describe("q/k permutation: rows of queries and keys", () => {
  it("lie in pairs of neighbours in GGUF and in two halves in Hugging Face's files", () => {
    const order: RowOrder = { kind: "interleaved-halves", headCount: 2, headSize: 6 };
    const rows = Array.from({ length: 12 }, (_, row) => sourceRow(order, row));
    expect(rows).toEqual([0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11]);
    expect(rows.map((row) => ggufRow(order, row))).toEqual(rows.map((_, row) => row));
  });

  it.each(["Q8_0", "Q4_0", "IQ4_NL"] as const)("move with their scales in %s", async (name) => {
    const { bytes, values } = await quantizedQueries(name);
    const { checkpoint } = await viewOf(bytes);
    const weight = recogniseWeights(checkpoint).find(({ name: found }) => found.endsWith("0.self_attn.q_proj.weight"))!;
    expect(weight.kind).toBe("quantized");
    const rows = await openWeight(checkpoint, weight, backend);
    const found = new Float32Array(rows.rows * rows.columns);
    await rows.read(0, rows.rows, found);
    expect(found).toEqual(values);
    // Parts that begin and end inside a head.
    const part = new Float32Array(7 * rows.columns);
    await rows.read(5, 12, part);
    expect(part).toEqual(values.subarray(5 * rows.columns, 12 * rows.columns));
  });

  it("can be read from any byte to any other", async () => {
    const { checkpoint } = await viewOf(await goldenGguf(readGolden("llama2")));
    const tensor = checkpoint.tensor("model.layers.1.self_attn.k_proj.weight")!;
    const whole = new Uint8Array(tensor.byteLength);
    await checkpoint.read(tensor, 0, whole);
    for (const [begin, end] of [
      [0, 1],
      [3, 7],
      [95, 97],
      [100, 700],
      [tensor.byteLength - 3, tensor.byteLength],
      [5, 5],
    ]) {
      const part = new Uint8Array(end! - begin!);
      await checkpoint.read(tensor, begin!, part);
      expect(part).toEqual(whole.slice(begin, end));
    }
  });
});

describe("GPT-NeoX", () => {
  it("has query, key and value of each head together in Hugging Face's files, all queries first in GGUF", () => {
    const order: RowOrder = { kind: "by-part", headCount: 2, headSize: 2 };
    const rows = Array.from({ length: 12 }, (_, row) => sourceRow(order, row));
    expect(rows).toEqual([0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11]);
    expect(rows.map((row) => ggufRow(order, row))).toEqual(rows.map((_, row) => row));
  });

  it("has its rows placed in few runs", () => {
    const order: RowOrder = { kind: "by-part", headCount: 2, headSize: 2 };
    const runs = placeRows(
      order,
      0,
      1,
      Uint8Array.from({ length: 12 }, (_, i) => i),
    );
    expect(runs.map(({ row, bytes }) => [row, [...bytes]])).toEqual([[0, [0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11]]]);
    const second = placeRows(order, 6, 1, Uint8Array.of(6, 7, 8));
    expect(second.map(({ row, bytes }) => [row, [...bytes]])).toEqual([
      [2, [6, 7]],
      [6, [8]],
    ]);
  });
});

describe("a tied output", () => {
  it("is a missing output.weight", async () => {
    const { config, checkpoint } = await viewOf(await goldenGguf(readGolden("smollm")));
    expect(config["tie_word_embeddings"]).toBe(true);
    expect(checkpoint.tensor("lm_head.weight")).toBeUndefined();
  });

  it.each([true, false])("is an output.weight that equals the embedding: %s", async (isSame) => {
    const golden = readGolden("smollm");
    const original = await openGgufBytes(await goldenGguf(golden));
    const data: GgufTensorData[] = [];
    for (const { name, shape, byteLength } of original.tensors) {
      const bytes = new Uint8Array(byteLength);
      await original.read(original.tensor(name)!, 0, bytes);
      data.push({ name, shape, type: "F32", data: bytes });
    }
    const embedding = data.find(({ name }) => name === "token_embd.weight")!;
    const copy = embedding.data.slice();
    if (!isSame) copy[copy.length - 1]! ^= 1;
    data.push({ ...embedding, name: "output.weight", data: copy });
    const { config, checkpoint } = await viewOf(writeGguf(original.gguf, data));
    expect(config["tie_word_embeddings"]).toBe(isSame);
    expect(checkpoint.tensor("lm_head.weight") === undefined).toBe(isSame);
  });
});

describe("GPT-2", () => {
  it("has matrices [outFeatures, inFeatures] in GGUF, which the config of the view says", async () => {
    const { config, directoryConfig, checkpoint } = await viewOf(await goldenGguf(readGolden("gpt2")));
    expect(checkpoint.tensor("transformer.h.0.attn.c_attn.weight")!.shape).toEqual([72, 24]);
    expect(config["lowbit"]).toEqual({ linear_weights: "out-in" });
    expect(directoryConfig["lowbit"]).toBeUndefined();
  });
});

describe("names", () => {
  it("of tensors that no module has stay, and make no second weight of a name", async () => {
    const { gguf } = await openGgufBytes(await goldenGguf(readGolden("llama2")));
    const tensor = (name: string): GgufTensorData => ({ name, shape: [4, 2], type: "F32", data: new Uint8Array(32) });
    const { checkpoint } = await viewOf(
      writeGguf(gguf, [tensor("token_embd.weight"), tensor("blk.0.ffn_gate_inp.weight")]),
    );
    expect(checkpoint.tensors.map(({ name }) => name)).toEqual([
      "blk.0.ffn_gate_inp.weight",
      "model.embed_tokens.weight",
    ]);
    const twice = writeGguf(gguf, [tensor("token_embd.weight"), tensor("model.embed_tokens.weight")]);
    await expect(viewOf(twice)).rejects.toThrow(expect.objectContaining({ code: "layouts/duplicate-weight" }));
  });
});

describe("a factor of a whole tensor", () => {
  it.each(["NVFP4", "TQ2_0", "Q4_K"] as const)("multiplies the weights of %s", async (name) => {
    const golden = readGolden("llama2");
    const file = await openGgufBytes(await goldenGguf(golden));
    const [rows, columns] = [3, 256];
    const type = blockType(name);
    const blocks = new Uint8Array((rows * columns * type.bytes) / type.weights);
    type.encode!(weightValues("factor", [rows, columns]), blocks);
    const base = "blk.0.attn_q";
    const data: GgufTensorData[] = [
      { name: `${base}.weight`, shape: [rows, columns], type: name, data: blocks },
      { name: `${base}.scale`, shape: [1], type: "F32", data: new Uint8Array(Float32Array.of(0.3).buffer) },
      { name: `${base}.input_scale`, shape: [1], type: "F32", data: new Uint8Array(4) },
      { name: "token_embd.weight", shape: [4, 2], type: "F32", data: new Uint8Array(32) },
    ];
    const { checkpoint } = await viewOf(writeGguf(file.gguf, data));
    const weights = recogniseWeights(checkpoint);
    expect(weights.map((weight) => weight.name)).toEqual([
      "model.embed_tokens.weight",
      "model.layers.0.self_attn.q_proj.weight",
    ]);
    const found = new Float32Array(rows * columns);
    await (await openWeight(checkpoint, weights[1]!, backend)).read(0, rows, found);
    const plain = new Float32Array(rows * columns);
    decodeTerms([type.unpack(blocks, rows, columns)], plain, backend);
    const largest = plain.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest).toBeGreaterThan(0);
    expect(found.every((value, i) => Math.abs(value - 0.3 * plain[i]!) <= 1e-6 * largest)).toBe(true);
  });
});

describe("metadata", () => {
  it("lacks a key that a decoder needs: the error names it", async () => {
    const bytes = await goldenGguf(readGolden("llama2"));
    const needed = [
      "context_length",
      "embedding_length",
      "block_count",
      "feed_forward_length",
      "attention.head_count",
      "attention.layer_norm_rms_epsilon",
    ];
    for (const field of needed) {
      const key = `llama.${field}`;
      const view = huggingFaceView(await withKeys(bytes, { [key]: undefined }));
      await expect(view).rejects.toThrow(
        expect.objectContaining({ code: "model/gguf-key", facts: expect.objectContaining({ key, found: "missing" }) }),
      );
    }
  });

  it.each([
    ["llama.block_count", integer(0), "model/gguf-key"],
    ["llama.block_count", text("two"), "model/gguf-key"],
    ["llama.attention.head_count_kv", integer(4), "model/gguf-key"],
    ["llama.attention.layer_norm_rms_epsilon", { type: "float32", value: Number.NaN }, "model/gguf-key"],
    ["llama.rope.dimension_count", integer(2), "model/gguf-setting"],
    ["llama.attention.value_length", integer(2), "model/gguf-setting"],
    ["llama.expert_count", integer(8), "model/gguf-setting"],
    ["llama.rope.scaling.type", text("longrope"), "model/gguf-setting"],
    ["general.architecture", text("mamba"), "model/gguf-architecture"],
    ["general.architecture", undefined, "model/gguf-architecture"],
  ] as const)("%s %o is refused", async (key, value, code) => {
    const checkpoint = await withKeys(await goldenGguf(readGolden("llama2")), { [key]: value });
    await expect(huggingFaceView(checkpoint)).rejects.toThrow(expect.objectContaining({ code }));
  });

  it("may state a count per block, where all are the same", async () => {
    const bytes = await goldenGguf(readGolden("llama2"));
    const list = (...values: number[]) =>
      ({ type: "array", elementType: "uint32", length: values.length, values }) as const;
    const key = "llama.feed_forward_length";
    const view = await huggingFaceView(await withKeys(bytes, { [key]: list(37, 37) }));
    expect(view.config["intermediate_size"]).toBe(37);
    const other = huggingFaceView(await withKeys(bytes, { [key]: list(37, 38) }));
    await expect(other).rejects.toThrow(expect.objectContaining({ code: "model/gguf-key" }));
  });

  it("may have ids beyond the vocabulary, which mean none", async () => {
    const bytes = await goldenGguf(readGolden("llama2"));
    const key = "tokenizer.ggml.padding_token_id";
    const { config } = await huggingFaceView(await withKeys(bytes, { [key]: integer(4294967295) }));
    expect([config["pad_token_id"], config["bos_token_id"], config["eos_token_id"]]).toEqual([undefined, 1, 2]);
  });

  it("of a file of a vocabulary only makes no model", async () => {
    const metadata = (await openGgufBytes(await goldenGguf(readGolden("gpt2")))).gguf;
    const checkpoint = await openGgufBytes(writeGguf(metadata, []));
    await expect(openGgufSource(checkpoint, backend)).rejects.toThrow(
      expect.objectContaining({ code: "model/gguf-no-weights" }),
    );
  });
});

/** A Llama whose first queries are in blocks; their decoded values in Hugging Face's order. */
async function quantizedQueries(
  name: "Q8_0" | "Q4_0" | "IQ4_NL",
): Promise<{ bytes: Uint8Array; values: Float32Array }> {
  const [hidden, headCount, headSize] = [64, 4, 16];
  const rows = headCount * headSize;
  const golden = readGolden("llama2");
  const tensors = Object.fromEntries(
    Object.entries(golden.tensors).map(([tensor, shape]) => [
      tensor,
      shape.map((size) => (size === 24 ? hidden : size)),
    ]),
  );
  for (const tensor of Object.keys(tensors)) {
    if (/[qkv]_proj\.weight$/.test(tensor)) tensors[tensor] = [rows, hidden];
  }
  const config = {
    ...golden.config,
    hidden_size: hidden,
    num_attention_heads: headCount,
    num_key_value_heads: headCount,
    head_dim: headSize,
  };
  const file = await openGgufBytes(await goldenGguf({ ...golden, config, tensors }));
  const type = blockType(name);
  const rowBytes = (hidden / type.weights) * type.bytes;
  const blocks = new Uint8Array(rows * rowBytes);
  // Scales grow from row to row: codes that came without theirs would show.
  const values = weightValues("queries", [rows, hidden]).map((value, i) => value * (1 + Math.floor(i / hidden)));
  type.encode!(values, blocks);
  const placed = new Uint8Array(blocks.length);
  const order: RowOrder = { kind: "interleaved-halves", headCount, headSize };
  for (const run of placeRows(order, 0, rowBytes, blocks)) placed.set(run.bytes, run.row * rowBytes);
  const data: GgufTensorData[] = [];
  for (const tensor of file.tensors) {
    const bytes = new Uint8Array(tensor.byteLength);
    await file.read(tensor, 0, bytes);
    const isQueries = tensor.name === "blk.0.attn_q.weight";
    data.push({
      name: tensor.name,
      shape: tensor.shape,
      type: isQueries ? name : "F32",
      data: isQueries ? placed : bytes,
    });
  }
  const decoded = new Float32Array(values.length);
  decodeTerms([type.unpack(blocks, rows, hidden)], decoded, backend);
  return { bytes: writeGguf(file.gguf, data), values: decoded };
}
