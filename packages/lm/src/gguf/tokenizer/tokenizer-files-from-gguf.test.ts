import { type GgufMetadata, type GgufValue, ggufArray } from "@lowbit/core/gguf";
import { describe, expect, it } from "vitest";
import { TINY_LLAMA } from "../../tiny-llama.fixture.js";
import { ggufTokenizerMetadata } from "./gguf-tokenizer-metadata.js";
import { sentencepieceMetadata } from "./sentencepiece.fixture.js";
import { readTokenizerFiles, type TokenizerJson, tokenizerOf } from "./tokenizer-files.fixture.js";
import { tokenizerFilesFromGguf } from "./tokenizer-files-from-gguf.js";

const byteLevel = ggufTokenizerMetadata(readTokenizerFiles(TINY_LLAMA), 2048);
const sentencepiece = sentencepieceMetadata();

function changed(metadata: GgufMetadata, changes: Readonly<Record<string, GgufValue | undefined>>): GgufMetadata {
  const result = new Map(metadata);
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) result.delete(`tokenizer.${key}`);
    else result.set(`tokenizer.${key}`, value);
  }
  return result;
}

function expectError(metadata: GgufMetadata, code: string, message: RegExp): void {
  const error = expect(() => tokenizerFilesFromGguf(metadata, "m.gguf"));
  error.toThrow(expect.objectContaining({ code }));
  error.toThrow(message);
}

const text = (value: string): GgufValue => ({ type: "string", value });
const id = (value: number): GgufValue => ({ type: "uint32", value });

describe("a GGUF tokenizer that cannot be read:", () => {
  it.each(["t5", "rwkv", "bert", "plamo2", "toString"])("the kind %s", (kind) => {
    expectError(changed(byteLevel, { "ggml.model": text(kind) }), "tokenizer/gguf-model", /"llama" |llama and gpt2/);
  });

  it("BPE without merges", () => {
    expectError(
      changed(byteLevel, { "ggml.merges": undefined }),
      "tokenizer/gguf-missing-key",
      /tokenizer.ggml.merges/,
    );
  });

  it.each(["tokens", "scores"])("SentencePiece without %s", (key) => {
    expectError(
      changed(sentencepiece, { [`ggml.${key}`]: undefined }),
      "tokenizer/gguf-missing-key",
      new RegExp(`tokenizer.ggml.${key}`),
    );
  });

  it("unknown pre", () => {
    expectError(
      changed(byteLevel, { "ggml.pre": text("mine") }),
      "tokenizer/gguf-pre",
      /"mine"; known are .*gpt-2.*qwen2/,
    );
  });

  it("two tokens with one text", () => {
    const tokens = ggufArray("string", ["a", "b", "a"]);
    const changes = { "ggml.tokens": tokens, "ggml.token_type": undefined, "ggml.merges": ggufArray("string", []) };
    expectError(changed(byteLevel, changes), "tokenizer/duplicate-token", /tokens 0 and 2 .*"a"/);
  });

  it.each<readonly [string, GgufMetadata, Readonly<Record<string, GgufValue>>, RegExp]>([
    ["fewer types than tokens", byteLevel, { "ggml.token_type": ggufArray("int32", [1, 1]) }, /2 values.*2048/],
    [
      "more scores than tokens",
      sentencepiece,
      { "ggml.scores": ggufArray("float32", Array(9999).fill(0)) },
      /9999 values/,
    ],
    [
      "an unknown type",
      byteLevel,
      { "ggml.token_type": ggufArray("int32", Array(2048).fill(9)) },
      /9 for token 0.*0 to 6/,
    ],
    ["tokens that are numbers", byteLevel, { "ggml.tokens": ggufArray("int32", [1]) }, /list of int32.*list of string/],
    ["tokens that are a text", byteLevel, { "ggml.tokens": text("a b") }, /a string.*list of string/],
    [
      "no tokens at all",
      byteLevel,
      { "ggml.tokens": ggufArray("string", []), "ggml.token_type": ggufArray("int32", []) },
      /no tokens/,
    ],
    ["a merge of one text", byteLevel, { "ggml.merges": ggufArray("string", ["ab"]) }, /"ab" at 0/],
    ["a merge that ends in its space", byteLevel, { "ggml.merges": ggufArray("string", ["ab "]) }, /"ab " at 0/],
    ["an id that is a text", byteLevel, { "ggml.bos_token_id": text("1") }, /bos_token_id is "1".*a token id/],
    ["a mark that is a number", byteLevel, { "ggml.add_bos_token": id(1) }, /add_bos_token is 1.*true or false/],
    ["a template that is a number", byteLevel, { chat_template: id(1) }, /chat_template is 1.*a text/],
  ])("%s", (_, metadata, changes, message) => {
    expectError(changed(metadata, changes), "tokenizer/gguf-invalid-key", message);
  });

  it("a token of SentencePiece that is longer than any", () => {
    const tokens = ["<unk>", "x".repeat(1000)];
    const changes = {
      "ggml.tokens": ggufArray("string", tokens),
      "ggml.scores": ggufArray("float32", [0, 0]),
      "ggml.token_type": undefined,
    };
    expectError(changed(sentencepiece, changes), "tokenizer/gguf-invalid-key", /1000 characters in token 1/);
  });
});

describe("a GGUF tokenizer", () => {
  it("is left out where the file has none", () => {
    expect(tokenizerFilesFromGguf(new Map()).size).toBe(0);
    expect(tokenizerFilesFromGguf(new Map([["tokenizer.ggml.model", text("no_vocab")]])).size).toBe(0);
  });

  it("without special ids is read with llama.cpp's for SentencePiece and without any for BPE", () => {
    const without = { "ggml.bos_token_id": undefined, "ggml.eos_token_id": undefined };
    const llama = tokenizerOf(tokenizerFilesFromGguf(changed(sentencepiece, without)));
    expect([llama.beginToken, llama.endTokens, llama.addsBeginToken]).toEqual([1, [2], true]);
    const gpt2 = tokenizerOf(tokenizerFilesFromGguf(changed(byteLevel, without)));
    expect([gpt2.beginToken, gpt2.endTokens]).toEqual([undefined, []]);
  });

  it("takes an id beyond the vocabulary for none", () => {
    const files = tokenizerFilesFromGguf(changed(byteLevel, { "ggml.padding_token_id": id(2 ** 32 - 1) }));
    expect(JSON.parse(files.get("tokenizer_config.json")!)).not.toHaveProperty("pad_token");
  });

  it("keeps a merge that begins with a space in one piece", () => {
    const metadata = changed(byteLevel, { "ggml.merges": ggufArray("string", ["  b", "a b"]) });
    const { model } = JSON.parse(tokenizerFilesFromGguf(metadata).get("tokenizer.json")!) as TokenizerJson;
    expect(model.merges).toEqual([
      [" ", "b"],
      ["a", "b"],
    ]);
  });

  it("keeps a token that has the name of a member of every object", () => {
    const changes = {
      "ggml.tokens": ggufArray("string", ["a", "__proto__", "constructor"]),
      "ggml.token_type": undefined,
      "ggml.merges": ggufArray("string", []),
    };
    const files = tokenizerFilesFromGguf(changed(byteLevel, changes));
    expect(tokenizerOf(files).decode([1, 2])).toBe("__proto__constructor");
  });

  it("adds an end token where the file says so", () => {
    const metadata = changed(byteLevel, { "ggml.add_eos_token": { type: "bool", value: true } });
    const tokenizer = tokenizerOf(tokenizerFilesFromGguf(metadata));
    expect(Array.from(tokenizer.encode("", { addSpecialTokens: true }))).toEqual([1, 2]);
  });

  it("keeps its chat templates", () => {
    const templates = { chat_template: text("A"), "chat_template.tool_use": text("B") };
    const both = tokenizerFilesFromGguf(changed(byteLevel, templates));
    expect(JSON.parse(both.get("tokenizer_config.json")!)).toMatchObject({
      chat_template: [
        { name: "default", template: "A" },
        { name: "tool_use", template: "B" },
      ],
    });
    const one = tokenizerFilesFromGguf(changed(byteLevel, { chat_template: text("A") }));
    expect(JSON.parse(one.get("tokenizer_config.json")!)).toMatchObject({ chat_template: "A" });
    expect(tokenizerOf(one).renderChat([])).toBe("A");
  });
});
