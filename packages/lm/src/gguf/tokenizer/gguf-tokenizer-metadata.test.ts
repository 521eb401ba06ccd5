import type { GgufMetadata } from "@lowbit/core/gguf";
import { describe, expect, it } from "vitest";
import { TINY_LLAMA } from "../../tiny-llama.fixture.js";
import { ggufTokenizerMetadata } from "./gguf-tokenizer-metadata.js";
import { sentencepieceMetadata } from "./sentencepiece.fixture.js";
import { changeTokenizer, type Files, readTokenizerFiles, tokenizerOf } from "./tokenizer-files.fixture.js";
import { tokenizerFilesFromGguf } from "./tokenizer-files-from-gguf.js";

const byteLevel = readTokenizerFiles(TINY_LLAMA);
const sentencepiece = tokenizerFilesFromGguf(sentencepieceMetadata());

function keysOf(files: Files, size = tokenizerOf(files).vocabularySize): GgufMetadata {
  return ggufTokenizerMetadata(files, size);
}

function value(metadata: GgufMetadata, key: string): unknown {
  const found = metadata.get(`tokenizer.${key}`);
  return found?.type === "array" ? found.values : found?.value;
}

function withConfig(files: Files, config: object): Files {
  return new Map(files).set("tokenizer_config.json", JSON.stringify(config));
}

function expectError(files: Files, code: string, message: RegExp): void {
  const error = expect(() => keysOf(files, 4096));
  error.toThrow(expect.objectContaining({ code }));
  error.toThrow(message);
}

const SPLIT = { type: "Split", behavior: "Isolated", invert: false };

describe("the keys of a GGUF tokenizer", () => {
  it("bos and eos ids are always written", () => {
    const files = changeTokenizer(byteLevel, () => ({ post_processor: null }));
    const bare = new Map([["tokenizer.json", files.get("tokenizer.json")!]]);
    const only = keysOf(withConfig(bare, { eos_token: "</s>" }), 2048);
    expect(value(only, "ggml.bos_token_id")).toBe(2);
    expect(value(only, "ggml.eos_token_id")).toBe(2);
    expect(value(only, "ggml.add_bos_token")).toBe(false);
    expectError(bare, "tokenizer/gguf-export", /bos_token, eos_token.*id 11/);
  });

  it("takes ids of config.json where no token is named", () => {
    const files = withConfig(
      changeTokenizer(byteLevel, () => ({ post_processor: null })),
      {},
    );
    const given = new Map(files)
      .set("config.json", JSON.stringify({ bos_token_id: 1, eos_token_id: 0 }))
      .set("generation_config.json", JSON.stringify({ eos_token_id: [2, 5] }));
    const keys = keysOf(given, 2048);
    expect(["bos", "eos", "eot"].map((role) => value(keys, `ggml.${role}_token_id`))).toEqual([1, 2, 5]);
  });

  it("states types of tokens", () => {
    const files = changeTokenizer(sentencepiece, ({ added_tokens }) => ({
      added_tokens: [...added_tokens, { id: 800, content: "<|x|>", special: true }, { id: 801, content: "\n\t\n" }],
    }));
    const keys = keysOf(files, 900);
    const types = value(keys, "ggml.token_type") as number[];
    const tokens = value(keys, "ggml.tokens") as string[];
    const typeOf = (text: string) => types[tokens.indexOf(text)];
    expect(["<unk>", "<s>", "<0x41>", "<|tool|>", "e", "<|x|>", "\n\t\n", "[PAD899]"].map(typeOf)).toEqual([
      2, 3, 6, 4, 1, 3, 4, 5,
    ]);
  });

  it("keeps the chat template of chat_template.jinja before that of tokenizer_config.json", () => {
    const config = { ...JSON.parse(byteLevel.get("tokenizer_config.json")!), chat_template: "old" };
    const files = withConfig(byteLevel, config);
    expect(value(keysOf(files), "chat_template")).toBe("old");
    expect(value(keysOf(new Map(files).set("chat_template.jinja", "new")), "chat_template")).toBe("new");
    const named = [
      { name: "default", template: "A" },
      { name: "rag", template: "B" },
    ];
    const several = keysOf(withConfig(byteLevel, { ...config, chat_template: named }));
    expect(value(several, "chat_template")).toBe("A");
    expect(value(several, "chat_template.rag")).toBe("B");
  });

  it("finds pre by the pattern, whichever way it is written", () => {
    const gpt2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
    const bytes = { type: "ByteLevel", add_prefix_space: false, use_regex: false };
    const digits = { type: "Digits", individual_digits: true };
    const llama3 =
      "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}" +
      "| ?[^\\s\\p{L}\\p{N}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+";
    const found = (steps: readonly object[], ignore_merges = false): unknown => {
      const files = changeTokenizer(byteLevel, ({ model }) => ({
        pre_tokenizer: { type: "Sequence", pretokenizers: steps },
        model: { ...model, ignore_merges },
      }));
      return value(keysOf(files), "ggml.pre");
    };
    expect(found([{ ...SPLIT, pattern: { Regex: gpt2 } }, bytes])).toBe("gpt-2");
    expect(found([digits, { ...bytes, use_regex: true }])).toBe("smollm");
    expect(found([{ ...SPLIT, pattern: { Regex: llama3 } }, bytes], true)).toBe("llama-bpe");
    expect(found([{ ...SPLIT, behavior: "Removed", invert: true, pattern: { Regex: llama3 } }, bytes])).toBe("dbrx");
  });
});

describe("a tokenizer that a GGUF file cannot state:", () => {
  it("none at all", () => {
    expectError(new Map(), "tokenizer/missing-file", /holds no tokenizer.json/);
  });

  it("unknown pre-tokenizer", () => {
    const parts = [
      { ...SPLIT, pattern: { Regex: "[a-z]+" } },
      { type: "ByteLevel", use_regex: false },
    ];
    const files = changeTokenizer(byteLevel, () => ({ pre_tokenizer: { type: "Sequence", pretokenizers: parts } }));
    expectError(files, "tokenizer/unknown-pre-tokenizer", /"\[a-z\]\+".*gpt-2.*--pre NAME/);
    expect(value(ggufTokenizerMetadata(files, 2048, { pre: "mine" }), "ggml.pre")).toBe("mine");
    const other = { type: "Sequence", pretokenizers: [{ type: "Punctuation" }, { type: "ByteLevel" }] };
    expectError(
      changeTokenizer(byteLevel, () => ({ pre_tokenizer: other })),
      "tokenizer/unknown-pre-tokenizer",
      /Punctuation/,
    );
  });

  it("a token beyond the rows of the model", () => {
    const error = expect(() => keysOf(byteLevel, 2047));
    error.toThrow(expect.objectContaining({ code: "tokenizer/vocabulary-mismatch" }));
  });

  it("two tokens with one text", () => {
    const files = changeTokenizer(byteLevel, ({ added_tokens }) => ({
      added_tokens: [...added_tokens, { id: 3000, content: "the", special: true }],
      model: { type: "BPE", vocab: { the: 5, "<s>": 1, "</s>": 2 }, merges: [] },
    }));
    expectError(files, "tokenizer/duplicate-token", /tokens 5 and 3000/);
  });

  it.each<readonly [string, Files, Record<string, unknown>, RegExp]>([
    ["Unigram", byteLevel, { model: { type: "Unigram", vocab: [["a", 0]] } }, /type "Unigram"/],
    [
      "ends of words",
      byteLevel,
      { model: { type: "BPE", vocab: { a: 0 }, end_of_word_suffix: "</w>" } },
      /end_of_word/,
    ],
    ["no merges", byteLevel, { model: { type: "BPE", vocab: { a: 0 } } }, /no merges/],
    ["a merge of three", byteLevel, { model: { type: "BPE", vocab: { a: 0 }, merges: ["a b c"] } }, /"a b c"/],
    ["a normalizer before bytes", byteLevel, { normalizer: { type: "Lowercase" } }, /Lowercase/],
    [
      "a space before bytes",
      byteLevel,
      { pre_tokenizer: { type: "ByteLevel", add_prefix_space: true } },
      /space before/,
    ],
    ["no preparation of text", byteLevel, { pre_tokenizer: null }, /normalizer null, pre-tokenizer null/],
    ["another normalizer", sentencepiece, { normalizer: { type: "NFKC" } }, /NFKC/],
  ])("%s", (_, files, change, message) => {
    expectError(
      changeTokenizer(files, () => change),
      "tokenizer/gguf-export",
      message,
    );
  });

  it("merges that leave tokens apart which llama.cpp joins", () => {
    const files = changeTokenizer(sentencepiece, ({ model }) => ({
      model: { ...model, merges: model.merges.slice(1) },
    }));
    expectError(files, "tokenizer/gguf-export", /would join 1 pairs/);
  });

  it("other ids around a text than one begin and one end token", () => {
    const special = { SpecialToken: { id: "<s>", type_id: 0 } };
    const processor = {
      type: "TemplateProcessing",
      single: [special, special, { Sequence: { id: "A", type_id: 0 } }],
      pair: [],
      special_tokens: { "<s>": { id: "<s>", ids: [1], tokens: ["<s>"] } },
    };
    const files = changeTokenizer(byteLevel, () => ({ post_processor: processor }));
    expectError(files, "tokenizer/gguf-export", /\[1, 1\] around a text/);
  });

  it("Metaspace that cuts inside its tokens", () => {
    const metaspace = { type: "Metaspace", replacement: "▁", prepend_scheme: "always" };
    const change = (split: boolean) =>
      changeTokenizer(sentencepiece, () => ({ normalizer: null, pre_tokenizer: { ...metaspace, split } }));
    expect(value(keysOf(change(false)), "ggml.add_space_prefix")).toBe(true);
    expectError(change(true), "tokenizer/gguf-export", /Metaspace/);
  });
});
