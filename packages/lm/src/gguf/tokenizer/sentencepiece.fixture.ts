import { type GgufMetadata, type GgufValue, ggufArray } from "@lowbit/core/gguf";
import { SAMPLE_TEXTS } from "./sample-texts.fixture.js";
import { byteTokenText, TOKEN_TYPE, type TokenType } from "./token-type.js";
import { trainMerges } from "./trained-pieces.fixture.js";

/** Characters that have a token of their own; all others become bytes. */
const MOST_CHARACTERS = 90;
const MERGED = 400;

/** A SentencePiece vocabulary of the kind that Llama 2 has, made from the sample texts: frequent pieces score highest. */
export function sentencepieceMetadata(keys: Readonly<Record<string, GgufValue>> = {}): GgufMetadata {
  const text = SAMPLE_TEXTS.join(" ").replaceAll(" ", "▁");
  const tokens: string[] = ["<unk>", "<s>", "</s>"];
  const types: TokenType[] = [TOKEN_TYPE.unknown, TOKEN_TYPE.control, TOKEN_TYPE.control];
  for (let byte = 0; byte < 256; byte++) {
    tokens.push(byteTokenText(byte));
    types.push(TOKEN_TYPE.byte);
  }
  tokens.push("<|tool|>");
  types.push(TOKEN_TYPE.userDefined);
  const merged = frequentPieces(text);
  // SentencePiece makes pieces of characters that are tokens themselves.
  const characters = new Set([...frequent(Array.from(text)).slice(0, MOST_CHARACTERS), ...merged.join("")]);
  const normal = [...merged, ...characters];
  tokens.push(...normal);
  types.push(...normal.map(() => TOKEN_TYPE.normal));
  const first = tokens.length - normal.length;
  const scores = tokens.map((_, id) => (id < first ? 0 : first - id));
  return new Map<string, GgufValue>(
    Object.entries({
      "tokenizer.ggml.model": { type: "string", value: "llama" },
      "tokenizer.ggml.tokens": ggufArray("string", tokens),
      "tokenizer.ggml.scores": ggufArray("float32", scores),
      "tokenizer.ggml.token_type": ggufArray("int32", types),
      "tokenizer.ggml.bos_token_id": { type: "uint32", value: 1 },
      "tokenizer.ggml.eos_token_id": { type: "uint32", value: 2 },
      "tokenizer.ggml.unknown_token_id": { type: "uint32", value: 0 },
      ...keys,
    }),
  );
}

/** SentencePiece joins nothing across the start of a word, except in runs of spaces. */
function frequentPieces(text: string): readonly string[] {
  const merges = trainMerges(
    text.slice(0, 12_000),
    MERGED,
    (left, right) => !right.startsWith("▁") || /^▁+$/.test(left),
  );
  return [...new Set(merges.map((pair) => pair.join("")))];
}

function frequent(items: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([item]) => item);
}
