import { isObject, type TokenizerFile } from "./tokenizer-files.js";

/** What SentencePiece writes for a space. */
const SPACE = "▁";

/**
 * Makes a SentencePiece-like BPE tokenizer, which treats a whole text as one word, cut before the first `▁` of each run
 * of them, when that provably gives the same ids: no merge joins a token that ends in another character with one that
 * starts with `▁`, so nothing is ever merged across such a cut, and `▁` itself is in the vocabulary, so no run of unknown
 * characters reaches over it. Words are then looked up in a cache: about ten times faster on long texts.
 */
export function splitWords(file: TokenizerFile): TokenizerFile {
  return canSplit(file)
    ? {
        ...file,
        pre_tokenizer: {
          type: "Split",
          pattern: { Regex: `(?<!${SPACE})(?=${SPACE})` },
          behavior: "Isolated",
          invert: false,
        },
      }
    : file;
}

function canSplit({ model, pre_tokenizer }: TokenizerFile): boolean {
  const { type, vocab, merges } = model;
  if (type !== "BPE" || pre_tokenizer !== null || !isObject(vocab) || !(SPACE in vocab) || !Array.isArray(merges))
    return false;
  if (model["end_of_word_suffix"] || model["continuing_subword_suffix"] || model["ignore_merges"]) return false;
  return merges.every((merge: unknown) => {
    const [left, right] = (Array.isArray(merge) ? merge : String(merge).split(" ", 2)) as [string, string?];
    return left.endsWith(SPACE) || !(right ?? "").startsWith(SPACE);
  });
}
