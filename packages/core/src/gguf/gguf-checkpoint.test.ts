import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../backend/reference/reference-backend.js";
import { createMemorySource } from "../bytes/memory-source.js";
import { openWeight } from "../layouts/read-weight.js";
import { recogniseWeights } from "../layouts/recognise.js";
import { isGgufCheckpoint, openGguf } from "./gguf-checkpoint.js";
import { type GgufValue, ggufArray } from "./gguf-value.js";
import { writeGguf } from "./write-gguf.js";

const metadata = new Map<string, GgufValue>([
  ["general.architecture", { type: "string", value: "llama" }],
  ["llama.context_length", { type: "uint32", value: 128 }],
  ["tokenizer.ggml.tokens", ggufArray("string", ["a", "ü", ""])],
  ["tokenizer.ggml.scores", ggufArray("float32", [0, -1.5, 3])],
]);

/** Two rows of two Q8_0 blocks: scale 0.5, codes −32 … 95. */
function q8Rows(): Uint8Array {
  const blocks = new Uint8Array(4 * 34);
  for (let block = 0; block < 4; block++) {
    blocks.set([0x00, 0x38], 34 * block);
    for (let i = 0; i < 32; i++) blocks[34 * block + 2 + i] = 32 * block + i - 32;
  }
  return blocks;
}

const norm = new Uint8Array(Float32Array.of(1, 2, -3).buffer);
const file = writeGguf(metadata, [
  { name: "blk.10.w", shape: [2, 64], type: "Q8_0", data: q8Rows() },
  { name: "blk.2.norm", shape: [3], type: "F32", data: norm },
]);

describe("openGguf", () => {
  it("has plain tensors with their dtype and blocks with their type, in natural order", async () => {
    const checkpoint = await openGguf(createMemorySource(file, "dir/model.gguf"));
    expect(isGgufCheckpoint(checkpoint)).toBe(true);
    expect(checkpoint.shards).toEqual(["model.gguf"]);
    expect(checkpoint.tensors).toMatchObject([
      { name: "blk.2.norm", dtype: "F32", shape: [3], byteLength: 12 },
      { name: "blk.10.w", dtype: "U8", blockType: "Q8_0", shape: [2, 64], byteLength: 136 },
    ]);
    const read = new Uint8Array(12);
    await checkpoint.read(checkpoint.tensor("blk.2.norm")!, 0, read);
    expect(read).toEqual(norm);
    expect(checkpoint.gguf.get("tokenizer.ggml.tokens")).toMatchObject({ length: 3, values: ["a", "ü", ""] });
  });

  it("gives the weights of blocks, any rows", async () => {
    const checkpoint = await openGguf(createMemorySource(file));
    const weight = recogniseWeights(checkpoint).find(({ name }) => name === "blk.10.w")!;
    expect(weight).toMatchObject({ kind: "quantized", layout: "gguf", byteLength: 136 });
    const rows = await openWeight(checkpoint, weight, createReferenceBackend());
    const target = new Float32Array(64);
    await rows.read(1, 2, target);
    expect([...target]).toEqual(Array.from({ length: 64 }, (_, i) => 0.5 * (32 + i)));
  });
});
