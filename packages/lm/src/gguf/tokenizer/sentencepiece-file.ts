import type { JsonObject } from "../../tokenizer/tokenizer-files.js";
import { readVocabulary } from "./read-vocabulary.js";
import { LONGEST_MERGED, scoredMerges } from "./scored-merges.js";
import { byteTokenText, TOKEN_TYPE, type VocabularyToken } from "./token-type.js";
import type { TokenizerKeys } from "./tokenizer-keys.js";

/** What SentencePiece writes for a space. */
const SPACE = "▁";

/** The parts of tokenizer.json that depend on the kind of tokenizer. */
export interface TokenizerParts {
  readonly tokens: readonly VocabularyToken[];
  readonly normalizer: JsonObject | null;
  readonly preTokenizer: JsonObject | null;
  readonly decoder: JsonObject;
  /** "model" without its vocabulary. */
  readonly model: JsonObject;
  readonly unknown?: number | undefined;
  /** What llama.cpp takes where the file does not say. */
  readonly defaults: { readonly begin?: number; readonly end?: number; readonly addsBegin: boolean };
}

/** A tokenizer of the kind "llama" as byte-pair merges, as Hugging Face writes Llama 2's. */
export function sentencepieceParts(keys: TokenizerKeys): TokenizerParts {
  const tokens = readVocabulary(keys);
  const long = tokens.findIndex(({ text, type }) => type === TOKEN_TYPE.normal && text.length > 2 * LONGEST_MERGED);
  if (long >= 0) {
    const found = `has ${tokens[long]!.text.length} characters in token ${long}`;
    throw keys.invalid("tokens", found, `at most ${LONGEST_MERGED} in a token of the kind "llama"`);
  }
  const scores = keys.numbers("scores", ["float32", "int32"], keys.texts("tokens").length);
  if (scores === undefined) throw keys.missing("scores");
  const prefixed = keys.boolean("add_space_prefix") ?? true;
  const bytes = new Set(tokens.flatMap(({ text, type }) => (type === TOKEN_TYPE.byte ? [text] : [])));
  const unknown = keys.tokenId("unknown", tokens.length) ?? unknownToken(tokens);
  const replace = { type: "Replace", pattern: { String: " " }, content: SPACE };
  const fullBytes = Array.from({ length: 256 }, (_, byte) => byteTokenText(byte)).every((text) => bytes.has(text));
  return {
    tokens,
    normalizer: prefixed ? { type: "Sequence", normalizers: [{ type: "Prepend", prepend: SPACE }, replace] } : replace,
    preTokenizer: null,
    decoder: {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: SPACE }, content: " " },
        { type: "ByteFallback" },
        { type: "Fuse" },
        ...(prefixed ? [{ type: "Strip", content: " ", start: 1, stop: 0 }] : []),
      ],
    },
    model: {
      unk_token: unknown === undefined ? null : tokens[unknown]!.text,
      fuse_unk: true,
      byte_fallback: fullBytes,
      ignore_merges: false,
      merges: scoredMerges(tokens, scores),
    },
    unknown,
    defaults: { begin: 1, end: 2, addsBegin: true },
  };
}

function unknownToken(tokens: readonly VocabularyToken[]): number | undefined {
  const id = tokens.findIndex(({ type }) => type === TOKEN_TYPE.unknown);
  return id < 0 ? undefined : id;
}
