import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GgufValue, ggufArray, writeGguf } from "@lowbit/core/gguf";
import { afterAll, describe, expect, it } from "vitest";
import { LLAMA_MISSING, LlamaError, llamaTokenize } from "./llama.ts";
import { llamaRounding } from "./llama-rounding.ts";

const text = (value: string): GgufValue => ({ type: "string", value });
const count = (value: number): GgufValue => ({ type: "uint32", value });

const BYTES = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);

/** A file with two letters in its vocabulary, and with tokens for bytes or without. */
function vocabulary(bytes: readonly string[]): Uint8Array {
  const types = [2, 3, 3, 1, 1, ...bytes.map(() => 6)];
  const keys: Readonly<Record<string, GgufValue>> = {
    "general.architecture": text("llama"),
    "llama.context_length": count(8),
    "llama.embedding_length": count(8),
    "llama.feed_forward_length": count(8),
    "llama.block_count": count(1),
    "llama.attention.head_count": count(1),
    "llama.attention.layer_norm_rms_epsilon": { type: "float32", value: 2 ** -16 },
    "tokenizer.ggml.model": text("llama"),
    "tokenizer.ggml.tokens": ggufArray("string", ["<unk>", "<s>", "</s>", "a", "▁", ...bytes]),
    "tokenizer.ggml.scores": ggufArray("float32", Array(types.length).fill(0)),
    "tokenizer.ggml.token_type": ggufArray("int32", types),
  };
  return writeGguf(new Map(Object.entries(keys)), []);
}

if (LLAMA_MISSING !== undefined) console.log(`llama.cpp: ${LLAMA_MISSING}, the tests that ask it are left out`);
else {
  describe("llama.cpp in a process of its own", () => {
    const folder = mkdtempSync(join(tmpdir(), "lowbit-llama-"));
    afterAll(() => rmSync(folder, { recursive: true }));
    const file = (name: string, bytes: Uint8Array): string => {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      return path;
    };

    it("answers", { timeout: 60_000 }, async () => {
      const path = file("vocabulary.gguf", vocabulary(BYTES));
      expect(await llamaTokenize(path, ["a a", "</s>", "b"])).toEqual([[4, 3, 4, 3], [2], [4, 103]]);
    });

    it("gives an error where llama.cpp aborts: text of bytes that the vocabulary lacks", {
      timeout: 60_000,
    }, async () => {
      const path = file("bytes.gguf", vocabulary([]));
      const error = expect(llamaTokenize(path, ["b"])).rejects;
      await error.toThrow(LlamaError);
      await error.toThrow(/SIGABRT/);
    });

    it("gives an error for a file that is none", { timeout: 60_000 }, async () => {
      await expect(llamaTokenize(file("none.gguf", new Uint8Array(8)), ["a"])).rejects.toThrow(LlamaError);
    });
  });
}

describe("llama.cpp's rounding of inputs", () => {
  it("has 127 steps of the largest value of 32, the step rounded to F16", () => {
    const values = Float32Array.from({ length: 64 }, (_, i) => (i < 32 ? i : i / 1000));
    llamaRounding("Q4_0")(values);
    const step = 0.244140625;
    expect(values[31]).toBe(127 * step);
    expect(values[1]).toBe(4 * step);
    expect(values[32]).toBeCloseTo(0.032, 3);
  });

  it("has 127 steps of the largest value of 256, the largest negative", () => {
    const values = Float32Array.from({ length: 256 }, (_, i) => i - 127);
    llamaRounding("Q4_K")(values);
    expect(values[0]).toBeCloseTo(-126.99, 1);
    expect(values[255]).toBe(Math.fround(127 * Math.fround(1 / Math.fround(-127 / 128))) * -1);
  });

  it("rounds to F16 and BF16, and leaves the inputs of F32", () => {
    const [f16, bf16, f32] = ["F16", "BF16", "F32"].map((type) => {
      const values = Float32Array.of(1 / 3);
      llamaRounding(type)(values);
      return values[0];
    });
    expect([f16, bf16, f32]).toEqual([0.333251953125, 0.333984375, Math.fround(1 / 3)]);
  });
});
