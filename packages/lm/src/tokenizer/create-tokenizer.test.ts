import { describe, expect, it } from "vitest";
import { checkTokenizer } from "./check-tokenizer.js";
import { createTokenizer } from "./create-tokenizer.js";
import type { TokenizerFiles } from "./tokenizer-files.js";

const VOCABULARY = { "<unk>": 0, "<s>": 1, "</s>": 2, a: 3, b: 4, ab: 5, "▁": 6, "▁a": 7 };
const MERGES = ["a b", "▁ a"];

/** A SentencePiece-like BPE tokenizer whose post-processor adds <s>. */
function files(change: Record<string, unknown> = {}, model: Record<string, unknown> = {}): TokenizerFiles {
  const special = (content: string, id: number): object => ({ id, content, special: true, normalized: false });
  const file = {
    added_tokens: [special("<unk>", 0), special("<s>", 1), special("</s>", 2)],
    normalizer: { type: "Replace", pattern: { String: " " }, content: "▁" },
    pre_tokenizer: null,
    post_processor: {
      type: "TemplateProcessing",
      single: [{ SpecialToken: { id: "<s>", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
      pair: [],
      special_tokens: { "<s>": { id: "<s>", ids: [1], tokens: ["<s>"] } },
    },
    decoder: { type: "Replace", pattern: { String: "▁" }, content: " " },
    model: { type: "BPE", vocab: VOCABULARY, merges: MERGES, unk_token: "<unk>", ...model },
    ...change,
  };
  return {
    name: "m",
    tokenizer: JSON.stringify(file),
    config: JSON.stringify({ bos_token: "<s>", eos_token: "</s>" }),
  };
}

const expectCode = (run: () => unknown, code: string): void => expect(run).toThrow(expect.objectContaining({ code }));

describe("createTokenizer", () => {
  it("finds the special tokens and the begin rule", () => {
    const tokenizer = createTokenizer(files());
    expect(tokenizer).toMatchObject({ vocabularySize: 8, beginToken: 1, endTokens: [2], addsBeginToken: true });
    expect(Array.from(tokenizer.encode("ab ab"))).toEqual([5, 6, 5]);
    expect(Array.from(tokenizer.encode("ab", { addSpecialTokens: true }))).toEqual([1, 5]);
  });

  it("lets add_bos_token win over the post-processor, both ways", () => {
    const without = createTokenizer({
      ...files(),
      config: '{"bos_token": {"content": "<s>"}, "add_bos_token": false}',
    });
    expect(without.addsBeginToken).toBe(false);
    expect(Array.from(without.encode("<s>ab", { addSpecialTokens: true }))).toEqual([1, 5]);
    const added = createTokenizer({
      ...files({ post_processor: null }),
      config: '{"add_bos_token": true}',
      specialTokens: '{"bos_token": "<s>"}',
    });
    expect(Array.from(added.encode("ab", { addSpecialTokens: true }))).toEqual([1, 5]);
  });

  it("takes the token that the post-processor adds as begin token where none is named", () => {
    const tokenizer = createTokenizer({ name: "m", tokenizer: files().tokenizer });
    expect(tokenizer).toMatchObject({ beginToken: 1, endTokens: [], addsBeginToken: true });
  });

  it("drops special tokens and ids beyond the vocabulary from decoded text", () => {
    const tokenizer = createTokenizer(files());
    expect(tokenizer.decode([1, 5, 7, 99, 2])).toBe("ab a");
    expect(tokenizer.decode([1, 5], { keepSpecialTokens: true })).toBe("<s>ab");
    expect(tokenizer.decode([])).toBe("");
  });

  it.each([
    ["no JSON", { ...files(), tokenizer: "{" }],
    ["a list", { ...files(), tokenizer: "[]" }],
    ["no model", files({ model: undefined })],
    ["a model without vocabulary", files({ model: { type: "BPE" } })],
    ["an unknown model", files({}, { type: "Magic" })],
    ["an unknown normalizer", files({ normalizer: { type: "Magic" } })],
    ["a negative id", files({}, { vocab: { a: -1 } })],
    ["an id beyond every vocabulary", files({ added_tokens: [{ id: 4e9, content: "x" }] })],
    ["an added token without content", files({ added_tokens: [{ id: 4 }] })],
    ["added tokens that are no list", files({ added_tokens: {} })],
    ["a config that is no object", { ...files(), config: "3" }],
  ])("refuses %s", (_, broken) => {
    expectCode(() => createTokenizer(broken), "tokenizer/invalid-file");
  });

  it("refuses text that the vocabulary cannot write", () => {
    const words = createTokenizer(
      files(
        { added_tokens: [], post_processor: null },
        { type: "WordPiece", vocab: { a: 0 }, unk_token: "?", continuing_subword_prefix: "" },
      ),
    );
    expectCode(() => words.encode("b"), "tokenizer/unknown-text");
  });
});

describe("checkTokenizer", () => {
  it("accepts padding and refuses ids beyond the model's rows", () => {
    const tokenizer = createTokenizer(files());
    checkTokenizer(tokenizer, { vocabularySize: 8 }, "m");
    checkTokenizer(tokenizer, { vocabularySize: 64 }, "m");
    expectCode(() => checkTokenizer(tokenizer, { vocabularySize: 7 }, "m"), "tokenizer/vocabulary-mismatch");
  });
});

describe("renderChat", () => {
  const TEMPLATE =
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'tool' %}{{ raise_exception('no tools') }}{% endif %}[{{ m.role }}]{{ m.content }}{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}";
  const chat = [{ role: "user", content: "hi" }];

  it("renders the file, the config's template, or the one named default", () => {
    const config = (template: unknown): string => JSON.stringify({ bos_token: "<s>", chat_template: template });
    for (const more of [
      { chatTemplate: TEMPLATE, config: config("unused") },
      { config: config(TEMPLATE) },
      {
        config: config([
          { name: "rag", template: "unused" },
          { name: "default", template: TEMPLATE },
        ]),
      },
    ]) {
      const tokenizer = createTokenizer({ ...files(), ...more });
      expect(tokenizer.hasChatTemplate).toBe(true);
      expect(tokenizer.renderChat(chat)).toBe("<s>[user]hi");
      expect(tokenizer.renderChat(chat, { addGenerationPrompt: true })).toBe("<s>[user]hi[assistant]");
    }
  });

  it("says that there is none, or why it failed", () => {
    const plain = createTokenizer(files());
    expect(plain.hasChatTemplate).toBe(false);
    expectCode(() => plain.renderChat(chat), "tokenizer/no-chat-template");
    const strict = createTokenizer({ ...files(), chatTemplate: TEMPLATE });
    expectCode(() => strict.renderChat([{ role: "tool", content: "" }]), "tokenizer/chat-template-failed");
    const broken = createTokenizer({ ...files(), chatTemplate: "{% for %}" });
    expectCode(() => broken.renderChat(chat), "tokenizer/chat-template-failed");
  });
});
