import { LowbitError } from "@lowbit/core/errors";
import { paddingText, TOKEN_TYPE, type TokenType, type VocabularyToken } from "./token-type.js";
import type { TokenizerKeys } from "./tokenizer-keys.js";

const TYPES = new Set<number>(Object.values(TOKEN_TYPE));

/**
 * The tokens of a GGUF file, without those at the end that only stand for rows of a padded model.
 * @throws `tokenizer/gguf-missing-key`, `tokenizer/gguf-invalid-key`, `tokenizer/duplicate-token`
 */
export function readVocabulary(keys: TokenizerKeys): readonly VocabularyToken[] {
  const texts = keys.texts("tokens");
  const types = keys.numbers("token_type", ["int32", "uint32"], texts.length);
  const tokens = texts.map((text, id): VocabularyToken => {
    const type = types?.[id] ?? TOKEN_TYPE.normal;
    // 0 is llama.cpp's "undefined"; it treats such a token as a normal one.
    if (type !== 0 && !TYPES.has(type)) {
      throw keys.invalid("token_type", `has ${type} for token ${id}`, "0 to 6");
    }
    return { text, type: type === 0 ? TOKEN_TYPE.normal : (type as TokenType) };
  });
  let count = tokens.length;
  while (count > 0 && isPadding(tokens[count - 1]!, count - 1)) count--;
  const used = tokens.slice(0, count);
  if (used.length === 0) throw keys.invalid("tokens", "has no tokens", "at least one");
  checkUnique(used, keys.name);
  return used;
}

/** The id of every text. */
export function vocabularyIds(tokens: readonly VocabularyToken[]): ReadonlyMap<string, number> {
  return new Map(tokens.map(({ text }, id) => [text, id]));
}

function isPadding({ text, type }: VocabularyToken, id: number): boolean {
  return type === TOKEN_TYPE.unused && text === paddingText(id);
}

/** @throws `tokenizer/duplicate-token` */
export function checkUnique(tokens: readonly VocabularyToken[], name: string): void {
  const ids = new Map<string, number>();
  tokens.forEach(({ text }, id) => {
    const other = ids.get(text);
    if (other !== undefined) {
      throw new LowbitError(
        "tokenizer/duplicate-token",
        `${name}: the tokens ${other} and ${id} have the same text ${JSON.stringify(text)}.`,
        { model: name, token: text, ids: [other, id] },
      );
    }
    ids.set(text, id);
  });
}
