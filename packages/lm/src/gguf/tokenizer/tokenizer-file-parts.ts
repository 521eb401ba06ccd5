import type { JsonObject } from "../../tokenizer/tokenizer-files.js";
import { TOKEN_TYPE, type VocabularyToken } from "./token-type.js";

/** What is put around a text. */
export interface AddedEnds {
  readonly begin?: number | undefined;
  readonly end?: number | undefined;
}

/** Types that are found in a text before it is cut. */
const ADDED = new Set<number>([TOKEN_TYPE.control, TOKEN_TYPE.unknown, TOKEN_TYPE.userDefined]);

/** "added_tokens" of tokenizer.json. */
export function addedTokens(tokens: readonly VocabularyToken[]): readonly JsonObject[] {
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false };
  return tokens.flatMap(({ text, type }, id) =>
    ADDED.has(type) ? [{ id, content: text, ...flags, special: type !== TOKEN_TYPE.userDefined }] : [],
  );
}

/** "vocab" of tokenizer.json's model. */
export function vocabularyObject(tokens: readonly VocabularyToken[]): JsonObject {
  // Without a prototype: "__proto__" may be a token.
  const vocabulary = Object.create(null) as JsonObject;
  tokens.forEach(({ text }, id) => {
    vocabulary[text] = id;
  });
  return vocabulary;
}

/** "post_processor" of tokenizer.json: a begin token before each text, an end token after it. */
export function addedEnds(tokens: readonly VocabularyToken[], { begin, end }: AddedEnds): JsonObject | null {
  if (begin === undefined && end === undefined) return null;
  const special = (id: number | undefined, type: number): readonly JsonObject[] =>
    id === undefined ? [] : [{ SpecialToken: { id: tokens[id]!.text, type_id: type } }];
  const text = (id: string, type: number): readonly JsonObject[] => [
    ...special(begin, type),
    { Sequence: { id, type_id: type } },
    ...special(end, type),
  ];
  const ids = [...new Set([begin, end].filter((id) => id !== undefined))];
  return {
    type: "TemplateProcessing",
    single: text("A", 0),
    pair: [...text("A", 0), ...text("B", 1)],
    special_tokens: Object.fromEntries(
      ids.map((id) => [tokens[id]!.text, { id: tokens[id]!.text, ids: [id], tokens: [tokens[id]!.text] }]),
    ),
  };
}
