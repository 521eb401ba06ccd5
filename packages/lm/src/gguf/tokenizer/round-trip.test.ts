import { readFileSync } from "node:fs";
import { createMemorySource } from "@lowbit/core/bytes";
import { type GgufMetadata, readGgufHeader } from "@lowbit/core/gguf";
import { describe, expect, it } from "vitest";
import { withSharedData } from "../../shared-data.fixture.js";
import { TINY_LLAMA } from "../../tiny-llama.fixture.js";
import { byteLevelFiles } from "./byte-level.fixture.js";
import { ggufTokenizerMetadata } from "./gguf-tokenizer-metadata.js";
import { PRE_TOKENIZERS } from "./pre-tokenizers.js";
import { SAMPLE_TEXTS } from "./sample-texts.fixture.js";
import { type Files, idsOf, readBack, readTokenizerFiles, tokenizerOf } from "./tokenizer-files.fixture.js";
import { tokenizerFilesFromGguf } from "./tokenizer-files-from-gguf.js";

async function expectSameIds(files: Files, vocabularySize = tokenizerOf(files).vocabularySize): Promise<void> {
  const [original, rebuilt] = [files, tokenizerFilesFromGguf(await roundTrip(files, vocabularySize))].map(tokenizerOf);
  expect(rebuilt!.vocabularySize).toBe(original!.vocabularySize);
  expect(rebuilt!.beginToken).toBe(original!.beginToken);
  expect(rebuilt!.endTokens).toEqual(original!.endTokens);
  for (const addSpecialTokens of [false, true]) {
    const ids = idsOf(original!, SAMPLE_TEXTS, addSpecialTokens);
    expect(idsOf(rebuilt!, SAMPLE_TEXTS, addSpecialTokens)).toEqual(ids);
  }
  for (const [text, ids] of idsOf(original!, SAMPLE_TEXTS).entries()) {
    expect(rebuilt!.decode(ids), `text ${text}`).toBe(original!.decode(ids));
  }
}

function roundTrip(files: Files, vocabularySize: number): Promise<GgufMetadata> {
  return readBack(ggufTokenizerMetadata(files, vocabularySize));
}

describe("a tokenizer through a GGUF file gives the same ids:", () => {
  const tiny = readTokenizerFiles(TINY_LLAMA);

  it("tiny-llama", () => expectSameIds(tiny));
  it("tiny-llama in a model with more rows than tokens", () => expectSameIds(tiny, 2100));

  it.each(PRE_TOKENIZERS.filter(({ name }) => name !== "glm4"))("$name", async (kind) => {
    const files = byteLevelFiles(kind);
    const { vocabularySize } = tokenizerOf(files);
    const pre = ggufTokenizerMetadata(files, vocabularySize).get("tokenizer.ggml.pre");
    expect(pre).toEqual({ type: "string", value: kind.name });
    await expectSameIds(files);
  });
});

for (const name of ["stories260K", "babyllama105"]) {
  withSharedData("GGUF tokenizers", `models/${name}`, (directory) => {
    it(`${name} through a GGUF file gives the same ids`, () => expectSameIds(readTokenizerFiles(directory)));
  });

  withSharedData("GGUF tokenizers", `gguf/${name}-F32.gguf`, (path) => {
    it(`${name} in a file of llama.cpp gives the ids of its tokenizer.json`, async () => {
      const { metadata } = await readGgufHeader(createMemorySource(readFileSync(path)));
      const original = tokenizerOf(readTokenizerFiles(`${path}/../../models/${name}`));
      const rebuilt = tokenizerOf(tokenizerFilesFromGguf(metadata));
      expect(idsOf(rebuilt, SAMPLE_TEXTS, true)).toEqual(idsOf(original, SAMPLE_TEXTS, true));
    });

    it(`${name}: scores made from merges are those of llama.cpp's file`, async () => {
      const { metadata } = await readGgufHeader(createMemorySource(readFileSync(path)));
      const files = tokenizerFilesFromGguf(metadata);
      const made = ggufTokenizerMetadata(files, tokenizerOf(files).vocabularySize);
      for (const key of ["tokens", "scores", "token_type", "bos_token_id", "eos_token_id", "unknown_token_id"]) {
        expect(made.get(`tokenizer.ggml.${key}`), key).toEqual(plain(metadata, `tokenizer.ggml.${key}`));
      }
    });
  });
}

withSharedData("GGUF tokenizers", "gguf/ggml-vocab-gpt-2.gguf", (path) => {
  it("GPT-2's vocabulary comes back from tokenizer.json key by key", { timeout: 60_000 }, async () => {
    const { metadata } = await readGgufHeader(createMemorySource(readFileSync(path)));
    const made = ggufTokenizerMetadata(tokenizerFilesFromGguf(metadata), 50_257);
    for (const key of metadata.keys()) {
      if (key.startsWith("tokenizer.")) expect(made.get(key), key).toEqual(plain(metadata, key));
    }
  });
});

/** A value without the laziness of one that was read. */
function plain(metadata: GgufMetadata, key: string): unknown {
  const value = metadata.get(key)!;
  return value.type === "array" ? { ...value, values: Array.from(value.values) } : value;
}
