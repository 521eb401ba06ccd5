import { LowbitError } from "@lowbit/core/errors";
import { findPreTokenizer, PRE_TOKENIZERS, type PreTokenizer } from "./pre-tokenizers.js";
import { readVocabulary } from "./read-vocabulary.js";
import type { Merge } from "./scored-merges.js";
import type { TokenizerParts } from "./sentencepiece-file.js";
import { GPT2_PATTERN } from "./splitting-steps.js";
import type { TokenizerKeys } from "./tokenizer-keys.js";

/**
 * A tokenizer of the kind "gpt2": byte-level merges. Without `tokenizer.ggml.pre` the text is cut as llama.cpp cuts it then.
 * @throws `tokenizer/gguf-pre`
 */
export function byteLevelParts(keys: TokenizerKeys): TokenizerParts {
  const tokens = readVocabulary(keys);
  const merges = keys.texts("merges").map((text, place) => parseMerge(text, place, keys));
  const { steps, ignoresMerges = false, addsBegin = false } = preTokenizer(keys);
  const unknown = keys.tokenId("unknown", tokens.length);
  // ByteLevel cuts by GPT-2's pattern itself where that is the last step; other last steps are cuts like the rest.
  const usesRegex = steps.at(-1) === GPT2_PATTERN;
  const cuts = usesRegex ? steps.slice(0, -1) : steps;
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: usesRegex };
  const splits = cuts.map((regex) => ({
    type: "Split",
    pattern: { Regex: regex },
    behavior: "Isolated",
    invert: false,
  }));
  return {
    tokens,
    normalizer: null,
    preTokenizer: splits.length === 0 ? byteLevel : { type: "Sequence", pretokenizers: [...splits, byteLevel] },
    decoder: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
    model: {
      unk_token: unknown === undefined ? null : tokens[unknown]!.text,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: ignoresMerges,
      merges,
    },
    unknown,
    // llama.cpp takes id 11 for begin and end where the file names none; that is no token that anybody meant.
    defaults: { addsBegin },
  };
}

/** "a b": the space after the first character separates, so that a merge may begin with one. */
function parseMerge(text: string, place: number, keys: TokenizerKeys): Merge {
  const space = text.indexOf(" ", 1);
  if (space > 0 && space < text.length - 1) return [text.slice(0, space), text.slice(space + 1)];
  throw keys.invalid(
    "merges",
    `has ${JSON.stringify(text.slice(0, 60))} at ${place}`,
    "two texts with a space between",
  );
}

function preTokenizer(keys: TokenizerKeys): PreTokenizer {
  const name = keys.text("pre") ?? "default";
  const found = findPreTokenizer(name);
  if (found !== undefined) return found;
  const known = PRE_TOKENIZERS.flatMap((entry) => [entry.name, ...(entry.aliases ?? [])]).sort();
  throw new LowbitError(
    "tokenizer/gguf-pre",
    `${keys.name}: tokenizer.ggml.pre is ${JSON.stringify(name)}; known are ${known.join(", ")}.`,
    { model: keys.name, found: name, allowed: known },
  );
}
