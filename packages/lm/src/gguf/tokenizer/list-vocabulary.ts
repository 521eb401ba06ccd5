import { LowbitError } from "@lowbit/core/errors";
import type { JsonObject, TokenizerFile } from "../../tokenizer/tokenizer-files.js";
import { checkUnique } from "./read-vocabulary.js";
import { byteTokenText, paddingText, TOKEN_TYPE, type TokenType, type VocabularyToken } from "./token-type.js";
import type { TokenizerKind } from "./tokenizer-kind.js";

const BYTE_TEXTS = new Set(Array.from({ length: 256 }, (_, byte) => byteTokenText(byte)));

/**
 * The token of every row of the model, in the order of their ids; rows without a token get one that is never used.
 * @param name shown in messages
 * @throws `tokenizer/vocabulary-mismatch`, `tokenizer/duplicate-token`
 */
export function listVocabulary(
  { model, added_tokens }: TokenizerFile,
  vocabularySize: number,
  kind: TokenizerKind,
  name: string,
): readonly VocabularyToken[] {
  const texts = new Map<number, string>();
  const types = new Map<number, TokenType>();
  const unknown = model["unk_token"];
  for (const [text, id] of Object.entries(model.vocab as Record<string, number>)) {
    texts.set(id, text);
    if (kind.kind === "llama" && kind.hasBytes && BYTE_TEXTS.has(text)) types.set(id, TOKEN_TYPE.byte);
  }
  for (const token of added_tokens) {
    texts.set(token.id, token.content);
    types.set(token.id, (token as JsonObject)["special"] === true ? TOKEN_TYPE.control : TOKEN_TYPE.userDefined);
  }
  const largest = Array.from(texts.keys()).reduce((most, id) => Math.max(most, id), -1);
  if (largest >= vocabularySize) {
    throw new LowbitError(
      "tokenizer/vocabulary-mismatch",
      `${name}: the tokenizer has ids up to ${largest}; the model has ${vocabularySize} rows, for ids up to ${vocabularySize - 1}.`,
      { path: name, largestId: largest, vocabularySize },
    );
  }
  const tokens = Array.from({ length: vocabularySize }, (_, id): VocabularyToken => {
    const text = texts.get(id);
    if (text === undefined) return { text: paddingText(id), type: TOKEN_TYPE.unused };
    if (kind.kind === "llama" && text === unknown) return { text, type: TOKEN_TYPE.unknown };
    return { text, type: types.get(id) ?? TOKEN_TYPE.normal };
  });
  checkUnique(tokens, name);
  return tokens;
}
