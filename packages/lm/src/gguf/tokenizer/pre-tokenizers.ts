import { GPT2_PATTERN, SINGLE_DIGITS, type SplittingSteps } from "./splitting-steps.js";

/** What a value of `tokenizer.ggml.pre` means to llama.cpp. */
export interface PreTokenizer {
  /** The name that is written. */
  readonly name: string;
  /** Other names with the same meaning. */
  readonly aliases?: readonly string[];
  readonly steps: SplittingSteps;
  /** A word that is a token as a whole is not merged from its characters. */
  readonly ignoresMerges?: boolean;
  /** Adds a begin token where the file does not say. */
  readonly addsBegin?: boolean;
}

const CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const WHITESPACE = "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const PUNCTUATION = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*";
const PUNCTUATION_SLASH = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*";
const WORD = "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+";
/** A word in which a small letter may not be followed by a capital one. */
const UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
const LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
const CASED = [`[^\\r\\n\\p{L}\\p{N}]?${UPPER}*${LOWER}+`, `[^\\r\\n\\p{L}\\p{N}]?${UPPER}+${LOWER}*`];

const LLAMA3 = [CONTRACTIONS, WORD, "\\p{N}{1,3}", PUNCTUATION, WHITESPACE].join("|");
const QWEN2 = [CONTRACTIONS, WORD, "\\p{N}", PUNCTUATION, WHITESPACE].join("|");
const DEEPSEEK =
  "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+" +
  `| ?[\\p{P}\\p{S}]+[\\r\\n]*|${WHITESPACE}`;

/**
 * The values of `tokenizer.ggml.pre` that are read and written. The patterns are those of the tokenizer.json files that
 * each name stands for; llama.cpp has its own wording of some of them.
 */
export const PRE_TOKENIZERS: readonly PreTokenizer[] = [
  {
    name: "gpt-2",
    aliases: [
      ...["olmo", "mpt", "jais", "phi-2", "mellum", "modern-bert", "trillion", "granite-docling", "exaone4"],
      ...["gigachat", "a.x-4.0", "jina-es", "jina-de", "jina-v2-es", "jina-v2-de"],
    ],
    steps: [GPT2_PATTERN],
  },
  {
    name: "smollm",
    aliases: ["starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2"],
    steps: [SINGLE_DIGITS, GPT2_PATTERN],
  },
  {
    name: "llama-bpe",
    aliases: ["llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano"],
    steps: [LLAMA3],
    ignoresMerges: true,
    addsBegin: true,
  },
  { name: "glm4", aliases: ["glm5"], steps: [LLAMA3], ignoresMerges: true },
  { name: "dbrx", aliases: ["smaug-bpe", "chatglm-bpe"], steps: [LLAMA3] },
  {
    name: "qwen2",
    aliases: ["stablelm2", "megrez", "hunyuan", "solar-open", "grok-2", "deepseek-r1-qwen", "kormo", "f2llmv2"],
    steps: [QWEN2],
  },
  {
    name: "qwen35",
    steps: [
      `${CONTRACTIONS}|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|${WHITESPACE}`,
    ],
  },
  {
    name: "tekken",
    steps: [[...CASED, "\\p{N}", PUNCTUATION_SLASH, WHITESPACE].join("|")],
    ignoresMerges: true,
    addsBegin: true,
  },
  {
    name: "gpt-4o",
    aliases: ["llama4", "kanana2", "talkie", "minimax-m2"],
    steps: [
      [...CASED.map((word) => `${word}${CONTRACTIONS}?`), "\\p{N}{1,3}", PUNCTUATION_SLASH, WHITESPACE].join("|"),
    ],
  },
  {
    name: "seed-coder",
    steps: [[CONTRACTIONS, WORD, "\\p{N}{1}", " ?[^\\s\\p{L}\\p{N}\\r\\n]+", WHITESPACE].join("|")],
  },
  {
    name: "deepseek-v3",
    aliases: ["hunyuan-dense", "joyai-llm", "hy_v4"],
    steps: ["\\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+", DEEPSEEK],
  },
  {
    name: "deepseek-coder",
    steps: ["[\\r\\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", "[一-龥ࠀ-一가-퟿]+", "\\p{N}"],
  },
  // What llama.cpp does with a byte-level file that does not say how its text is cut.
  {
    name: "default",
    steps: ["[\\p{P}\\$\\+<=>\\^~\\|]+", GPT2_PATTERN, "\\p{N}+", "[0-9][0-9][0-9]"],
  },
];

/** The entry for a value of `tokenizer.ggml.pre`. */
export function findPreTokenizer(name: string): PreTokenizer | undefined {
  return PRE_TOKENIZERS.find((entry) => entry.name === name || entry.aliases?.includes(name));
}

/** The entry that cuts text by these steps; the first that does. */
export function recognisePreTokenizer(steps: SplittingSteps, ignoresMerges: boolean): PreTokenizer | undefined {
  return PRE_TOKENIZERS.find(
    (entry) =>
      (entry.ignoresMerges ?? false) === ignoresMerges &&
      entry.steps.length === steps.length &&
      entry.steps.every((step, place) => step === steps[place]),
  );
}
