import { LowbitError } from "@lowbit/core/errors";
import type { GgufMetadata } from "@lowbit/core/gguf";
import type { JsonObject } from "../../tokenizer/tokenizer-files.js";
import { byteLevelParts } from "./byte-level-file.js";
import { sentencepieceParts, type TokenizerParts } from "./sentencepiece-file.js";
import { addedEnds, addedTokens, vocabularyObject } from "./tokenizer-file-parts.js";
import { TokenizerKeys } from "./tokenizer-keys.js";

const KINDS: Readonly<Record<string, (keys: TokenizerKeys) => TokenizerParts>> = {
  llama: sentencepieceParts,
  gpt2: byteLevelParts,
};

/**
 * tokenizer.json and tokenizer_config.json of the tokenizer in a GGUF file, by file name; empty for a file without a
 * tokenizer (`tokenizer.ggml.model` absent or "no_vocab"). Ids are those that llama.cpp gives, as far as llama.cpp and
 * Hugging Face's tokenizers agree on what a pattern means.
 * @param name shown in messages
 * @throws `tokenizer/gguf-model`, `tokenizer/gguf-missing-key`, `tokenizer/gguf-invalid-key`, `tokenizer/gguf-pre`,
 *   `tokenizer/duplicate-token`
 */
export function tokenizerFilesFromGguf(metadata: GgufMetadata, name = "the GGUF file"): ReadonlyMap<string, string> {
  const keys = new TokenizerKeys(name, metadata);
  const kind = keys.text("model") ?? "no_vocab";
  if (kind === "no_vocab") return new Map();
  const read = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (read === undefined) {
    const known = Object.keys(KINDS);
    throw new LowbitError(
      "tokenizer/gguf-model",
      `${name}: tokenizer.ggml.model is ${JSON.stringify(kind)}; known are ${known.join(" and ")}.`,
      { model: name, found: kind, allowed: known },
    );
  }
  const parts = read(keys);
  const ids = specialIds(keys, parts);
  const files = { "tokenizer.json": tokenizerFile(parts, ids), "tokenizer_config.json": configFile(keys, parts, ids) };
  return new Map(Object.entries(files).map(([file, value]) => [file, `${JSON.stringify(value, undefined, 2)}\n`]));
}

interface SpecialIds {
  readonly begin?: number | undefined;
  readonly end?: number | undefined;
  readonly padding?: number | undefined;
  readonly addsBegin: boolean;
  readonly addsEnd: boolean;
}

function specialIds(keys: TokenizerKeys, { tokens, defaults }: TokenizerParts): SpecialIds {
  const inside = (id: number | undefined) => (id !== undefined && id < tokens.length ? id : undefined);
  const begin = keys.tokenId("bos", tokens.length) ?? inside(defaults.begin);
  const end = keys.tokenId("eos", tokens.length) ?? inside(defaults.end);
  return {
    begin,
    end,
    padding: keys.tokenId("padding", tokens.length),
    addsBegin: begin !== undefined && (keys.boolean("add_bos_token") ?? defaults.addsBegin),
    addsEnd: end !== undefined && (keys.boolean("add_eos_token") ?? false),
  };
}

function tokenizerFile(parts: TokenizerParts, { begin, end, addsBegin, addsEnd }: SpecialIds): JsonObject {
  const { tokens } = parts;
  const { merges, ...model } = parts.model;
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: addedTokens(tokens),
    normalizer: parts.normalizer,
    pre_tokenizer: parts.preTokenizer,
    post_processor: addedEnds(tokens, { begin: addsBegin ? begin : undefined, end: addsEnd ? end : undefined }),
    decoder: parts.decoder,
    model: {
      type: "BPE",
      dropout: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      ...model,
      vocab: vocabularyObject(tokens),
      merges,
    },
  };
}

function configFile(keys: TokenizerKeys, { tokens, unknown }: TokenizerParts, ids: SpecialIds): JsonObject {
  const text = (id: number | undefined): string | undefined => (id === undefined ? undefined : tokens[id]!.text);
  const templates = keys.chatTemplates();
  const named = Array.from(templates, ([name, template]) => ({ name, template }));
  // JSON leaves out what is undefined.
  return {
    tokenizer_class: "PreTrainedTokenizerFast",
    bos_token: text(ids.begin),
    eos_token: text(ids.end),
    unk_token: text(unknown),
    pad_token: text(ids.padding),
    add_bos_token: ids.addsBegin,
    add_eos_token: ids.addsEnd,
    clean_up_tokenization_spaces: false,
    chat_template:
      templates.size === 0 ? undefined : templates.size === 1 ? (templates.get("default") ?? named) : named,
  };
}
