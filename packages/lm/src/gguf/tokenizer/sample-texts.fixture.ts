import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sharedData } from "../../shared-data.fixture.js";
import { TINY_LLAMA } from "../../tiny-llama.fixture.js";

/** Texts in which tokenizers differ: runs of whitespace, contractions, digits, letter case, scripts, marks, emoji. */
export const TRICKY_TEXTS: readonly string[] = [
  "",
  " ",
  "  a",
  "a  b   c    d\n\n\n  e\t\tf \n g\r\n\r\nh",
  "I'm you'RE we'Ve it's 's ' 'tis",
  "1 12 123 1234 12345 3.14159 1,000,000 ١٢٣",
  "HelloWorld helloWORLD ABCdef aB",
  "Ünïcödé Straße ĄĆĘ 日本語のテキスト 한국어 русский עברית हिन्दी",
  "e\u0301 a\u0308 \u0301",
  "😀👩‍👩‍👧‍👦🏳️‍🌈 😀",
  "function f(x) {\n    return x ? `a$x` : [1, 2];\n}\n\n\tdef g(): pass  # comment\n",
  "\u00a0\u2003\u3000x\u200by",
  "<s>x</s> y <unk>z",
  "--- *** ((())) !?!? … “quoted” https://example.org/a?b=c&d=e",
  "x = y;\n\nz();\n  /*\n */\n/path/\n",
  "\u0939\u093f\u0928\u094d\u0926\u0940, e\u0301e\u0301",
  "unreachable word",
  "\u2581\u2581a \u2581",
];

/** Numbers from 0 to 1, the same in every run. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Random characters of the ranges that texts are made of, without surrogates. */
function randomTexts(count: number): readonly string[] {
  const random = sequence(7);
  const ranges = [
    [0x20, 0x7f],
    [0x20, 0x7f],
    [0x9, 0xe],
    [0xa0, 0x250],
    [0x300, 0x530],
    [0x900, 0x980],
    [0x2000, 0x2070],
    [0x3040, 0x3100],
    [0x4e00, 0x4f00],
    [0x1f600, 0x1f650],
  ] as const;
  const character = (): string => {
    const [first, end] = ranges[Math.floor(random() * ranges.length)]!;
    return String.fromCodePoint(first + Math.floor(random() * (end - first)));
  };
  return Array.from({ length: count }, () => Array.from({ length: 40 }, character).join(""));
}

/** Prose in paragraphs, from the repository and, where it is there, from the shared data. */
function prose(): readonly string[] {
  const own = readFileSync(join(TINY_LLAMA, "sample.txt"), "utf8").slice(0, 6000);
  const names = ["wikitext2_raw_test_joined.txt", "tinyshakespeare.txt"];
  const shared =
    sharedData === undefined ? [] : names.map((name) => readFileSync(join(sharedData!, "text", name), "utf8"));
  return [own, ...shared.map((text) => text.slice(0, 12_000))];
}

export const SAMPLE_TEXTS: readonly string[] = [...TRICKY_TEXTS, ...randomTexts(40), ...prose()];
