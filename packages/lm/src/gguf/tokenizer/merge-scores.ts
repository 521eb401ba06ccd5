import { vocabularyIds } from "./read-vocabulary.js";
import { refuseTokenizer } from "./refuse-tokenizer.js";
import { type Merge, splits } from "./scored-merges.js";
import { TOKEN_TYPE, type VocabularyToken } from "./token-type.js";

/**
 * Scores with which llama.cpp joins neighbours in the order of the merges: the token that is made first has −0, the next −1,
 * and so on; tokens that nothing makes come after those, as in SentencePiece's own vocabularies.
 *
 * llama.cpp knows no merges: it joins any two neighbours whose joined text is a token. Merges that leave out a way to make
 * a token therefore give other ids, and are refused.
 * @param name shown in messages
 * @throws `tokenizer/gguf-export`
 */
export function mergeScores(tokens: readonly VocabularyToken[], merges: readonly Merge[], name: string): Float32Array {
  checkComplete(tokens, merges, name);
  const ids = vocabularyIds(tokens);
  const scores = new Float32Array(tokens.length);
  const scored = new Set<number>();
  for (const [left, right] of merges) {
    const id = ids.get(left + right);
    if (id === undefined || scored.has(id)) continue;
    scores[id] = -scored.size;
    scored.add(id);
  }
  let next = scored.size;
  tokens.forEach(({ type }, id) => {
    const isPlain = type === TOKEN_TYPE.normal || type === TOKEN_TYPE.unused;
    if (isPlain && !scored.has(id)) scores[id] = -next++;
  });
  return scores;
}

function checkComplete(tokens: readonly VocabularyToken[], merges: readonly Merge[], name: string): void {
  const ids = vocabularyIds(tokens);
  const known = new Set(merges.map(([left, right]) => key(left, right)));
  const absent = tokens.flatMap(({ text, type }) =>
    type === TOKEN_TYPE.normal ? splits(text, ids).filter(([left, right]) => !known.has(key(left, right))) : [],
  );
  const first = absent[0];
  if (first === undefined) return;
  const example = `${JSON.stringify(first[0])} and ${JSON.stringify(first[1])}`;
  throw refuseTokenizer(
    name,
    `llama.cpp would join ${absent.length} pairs of tokens that the merges leave apart, such as ${example}`,
  );
}

/** Lengths before texts: no two pairs have the same key. */
function key(left: string, right: string): string {
  return `${left.length} ${left}${right}`;
}
