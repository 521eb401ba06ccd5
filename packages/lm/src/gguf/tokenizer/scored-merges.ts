import { vocabularyIds } from "./read-vocabulary.js";
import { TOKEN_TYPE, type VocabularyToken } from "./token-type.js";

/** Longest token that takes part in merges, in characters; SentencePiece's own limit is far below. */
export const LONGEST_MERGED = 256;

/** Two tokens that become one. */
export type Merge = readonly [left: string, right: string];

/**
 * The merges of a SentencePiece vocabulary, first to be done first: SentencePiece joins the neighbours whose joined text
 * has the highest score, however that text is made, so every way to make a token from two others is a merge. Tokens with
 * equal scores are ordered by id; SentencePiece would take the leftmost in the text.
 */
export function scoredMerges(tokens: readonly VocabularyToken[], scores: readonly number[]): readonly Merge[] {
  const ids = vocabularyIds(tokens);
  const merged: { readonly id: number; readonly merges: readonly Merge[] }[] = [];
  tokens.forEach(({ text, type }, id) => {
    const merges = type === TOKEN_TYPE.normal ? splits(text, ids) : [];
    if (merges.length > 0) merged.push({ id, merges });
  });
  merged.sort((a, b) => scores[b.id]! - scores[a.id]! || a.id - b.id);
  return merged.flatMap(({ merges }) => merges);
}

/** Every way to make a text from two tokens, by the ids of the left, then of the right one. */
export function splits(text: string, ids: ReadonlyMap<string, number>): readonly Merge[] {
  const characters = Array.from(text);
  if (characters.length > LONGEST_MERGED) return [];
  const found: Merge[] = [];
  let left = "";
  for (const character of characters.slice(0, -1)) {
    left += character;
    const right = text.slice(left.length);
    if (ids.has(left) && ids.has(right)) found.push([left, right]);
  }
  return found.sort(([a, b], [c, d]) => ids.get(a)! - ids.get(c)! || ids.get(b)! - ids.get(d)!);
}
