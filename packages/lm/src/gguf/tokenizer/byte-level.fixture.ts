import type { PreTokenizer } from "./pre-tokenizers.js";
import { TRICKY_TEXTS } from "./sample-texts.fixture.js";
import type { Files } from "./tokenizer-files.fixture.js";
import { trainMerges } from "./trained-pieces.fixture.js";

/** The character that stands for each byte in GPT-2's vocabulary: printable bytes for themselves, others from U+0100 on. */
const BYTE_CHARACTERS: readonly string[] = byteCharacters();

/** Merges that were trained on text that nobody cut, so that ids tell how a text is cut. */
const MERGES = trainMerges(
  Array.from(new TextEncoder().encode(TRICKY_TEXTS.join("").repeat(2)), (byte) => BYTE_CHARACTERS[byte]!).join(""),
  900,
);

/** A word that no merges make: found only where whole words are looked up first. */
const UNREACHABLE = "unreachable";

/** A byte-level tokenizer that cuts text as `kind` says. */
export function byteLevelFiles({ steps, ignoresMerges = false }: PreTokenizer): Files {
  const tokens = [...new Set([...BYTE_CHARACTERS, ...MERGES.map((pair) => pair.join("")), UNREACHABLE])];
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false };
  const cuts = steps.map((regex) => ({
    type: "Split",
    pattern: { Regex: regex },
    behavior: "Isolated",
    invert: false,
  }));
  const file = {
    added_tokens: ["<|begin|>", "<|end|>"].map((content, place) => ({
      id: tokens.length + place,
      content,
      special: true,
      normalized: false,
    })),
    normalizer: null,
    pre_tokenizer: { type: "Sequence", pretokenizers: [...cuts, byteLevel] },
    post_processor: null,
    decoder: { type: "ByteLevel" },
    model: {
      type: "BPE",
      ignore_merges: ignoresMerges,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: MERGES,
    },
  };
  return new Map([
    ["tokenizer.json", JSON.stringify(file)],
    ["tokenizer_config.json", JSON.stringify({ bos_token: "<|begin|>", eos_token: "<|end|>" })],
  ]);
}

function byteCharacters(): readonly string[] {
  const isPrintable = (byte: number) =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
  let others = 0;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isPrintable(byte) ? byte : 0x100 + others++));
}
