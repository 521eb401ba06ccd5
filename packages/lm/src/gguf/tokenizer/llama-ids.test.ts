import { type GgufMetadata, type GgufValue, ggufArray } from "@lowbit/core/gguf";
import { llamaTokenizeEach } from "@lowbit/llama-oracle";
import { describe, expect, it } from "vitest";
import { withSharedData } from "../../shared-data.fixture.js";
import { TINY_LLAMA } from "../../tiny-llama.fixture.js";
import { withFiles, withLlama } from "../llama.fixture.js";
import { byteLevelFiles } from "./byte-level.fixture.js";
import { type GgufTokenizerOptions, ggufTokenizerMetadata } from "./gguf-tokenizer-metadata.js";
import { PRE_TOKENIZERS } from "./pre-tokenizers.js";
import { SAMPLE_TEXTS, TRICKY_TEXTS } from "./sample-texts.fixture.js";
import { sentencepieceMetadata } from "./sentencepiece.fixture.js";
import {
  changeTokenizer,
  type Files,
  idsOf,
  readTokenizerFiles,
  tokenizerOf,
  vocabularyFile,
} from "./tokenizer-files.fixture.js";
import { tokenizerFilesFromGguf } from "./tokenizer-files-from-gguf.js";

/** Names that the llama.cpp of the npm package does not know yet. */
const TOO_NEW = ["glm5"];
/** Kinds that tell capital from small letters, which llama.cpp does for ASCII alone. */
const CASED = ["tekken", "gpt-4o"];
const ASCII = /^[\0-\x7f]*$/;
const TIMEOUT = { timeout: 120_000 };
const tiny = readTokenizerFiles(TINY_LLAMA);

function exported(files: Files, options: GgufTokenizerOptions = {}): GgufMetadata {
  return ggufTokenizerMetadata(files, tokenizerOf(files).vocabularySize, options);
}

/** Ids [files, texts] by llama.cpp. */
function llamaIds(files: readonly GgufMetadata[], texts = SAMPLE_TEXTS): Promise<readonly (readonly number[][])[]> {
  return withFiles(files.map(vocabularyFile), (paths) => llamaTokenizeEach(paths, texts));
}

/** Text by text, so that a failure shows the text. */
function expectIds(found: readonly number[][], files: Files, name: string, texts = SAMPLE_TEXTS): void {
  const expected = idsOf(tokenizerOf(files), texts);
  for (const [place, ids] of expected.entries()) expect(found[place], `${name}: ${texts[place]}`).toEqual(ids);
}

withLlama("llama.cpp's ids", () => {
  describe("llama.cpp gives our ids with the file that we make of", () => {
    it("a byte-level tokenizer of every kind", TIMEOUT, async () => {
      const kinds = PRE_TOKENIZERS.filter(({ name }) => name !== "glm4");
      const files = kinds.map((kind) => byteLevelFiles(kind));
      const found = await llamaIds(files.map((one) => exported(one)));
      for (const [place, { name }] of kinds.entries()) {
        const isCased = CASED.includes(name);
        const texts = isCased ? SAMPLE_TEXTS.filter((text) => ASCII.test(text)) : SAMPLE_TEXTS;
        expectIds(
          texts.map((text) => found[place]![SAMPLE_TEXTS.indexOf(text)]!),
          files[place]!,
          name,
          texts,
        );
      }
      // The texts tell the kinds apart.
      expect(new Set(found.map((ids) => JSON.stringify(ids))).size).toBe(kinds.length);
    });

    it("a byte-level tokenizer with tokens of its own in the middle of text", TIMEOUT, async () => {
      const files = changeTokenizer(tiny, ({ added_tokens }) => ({
        added_tokens: [
          ...added_tokens,
          { id: 2048, content: "<|im_end|>", special: true, normalized: false },
          { id: 2049, content: "    ", special: false, normalized: false },
          { id: 2050, content: "  ", special: false, normalized: false },
        ],
      }));
      const texts = [...SAMPLE_TEXTS, "a<|im_end|>b <|im_end|>\n", "      x\n  y    z"];
      const [found] = await llamaIds([exported(files)], texts);
      expectIds(found!, files, "added tokens", texts);
    });

    it("a wrong pre gives other ids", TIMEOUT, async () => {
      const files = byteLevelFiles(PRE_TOKENIZERS.find(({ name }) => name === "gpt-2")!);
      const [right, wrong] = await llamaIds([exported(files), exported(files, { pre: "qwen2" })]);
      expect(wrong).not.toEqual(right);
    });
  });

  describe("our tokenizer gives llama.cpp's ids with a GGUF file of the kind", () => {
    const sentencepiece = [
      { name: "llama", keys: {} },
      { name: "llama without add_space_prefix", keys: { "tokenizer.ggml.add_space_prefix": boolean(false) } },
      { name: "llama with scores in another order", keys: { "tokenizer.ggml.scores": shuffledScores() } },
    ];
    it.each(sentencepiece)("$name", TIMEOUT, async ({ name, keys }) => {
      const metadata = sentencepieceMetadata(keys);
      const files = tokenizerFilesFromGguf(metadata);
      const texts = [...SAMPLE_TEXTS, "x<|tool|>y <|tool|> z"];
      const [found, again] = await llamaIds([metadata, exported(files)], texts);
      expectIds(found!, files, name, texts);
      expectIds(again!, files, `${name}, exported again`, texts);
    });

    it("gpt2 without pre, as llama.cpp's default", TIMEOUT, async () => {
      const metadata = new Map(exported(tiny));
      metadata.delete("tokenizer.ggml.pre");
      const [found] = await llamaIds([metadata]);
      expectIds(found!, tokenizerFilesFromGguf(metadata), "without pre");
    });

    it("gpt2 with every other name of a cut", TIMEOUT, async () => {
      const names = PRE_TOKENIZERS.flatMap(({ aliases = [] }) => aliases).filter((name) => !TOO_NEW.includes(name));
      const all = names.map((pre) => exported(tiny, { pre }));
      const found = await llamaIds(all, TRICKY_TEXTS);
      for (const [place, name] of names.entries())
        expectIds(found[place]!, tokenizerFilesFromGguf(all[place]!), name, TRICKY_TEXTS);
    });
  });

  withSharedData("llama.cpp's ids", "models/stories260K", (directory) => {
    it("llama.cpp gives our ids with the file that we make of stories260K", TIMEOUT, async () => {
      const files = readTokenizerFiles(directory);
      const [found] = await llamaIds([exported(files)]);
      expectIds(found!, files, "stories260K");
    });
  });
});

function boolean(value: boolean): GgufValue {
  return { type: "bool", value };
}

/** Other scores than the order of the ids says, all different. */
function shuffledScores(): GgufValue {
  const { length } = (sentencepieceMetadata().get("tokenizer.ggml.tokens") as { length: number } | undefined)!;
  return ggufArray(
    "float32",
    Array.from({ length }, (_, id) => -((id * 7919) % length)),
  );
}
