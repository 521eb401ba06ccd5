import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sharedData, withSharedData } from "../shared-data.fixture.js";
import { splitWords } from "./split-words.js";
import { parseTokenizerFile, type TokenizerFile } from "./tokenizer-files.js";
import { openTokenizerLibrary } from "./tokenizer-library.js";

const model = (merges: unknown[], more: object = {}): TokenizerFile =>
  parseTokenizerFile({
    name: "m",
    tokenizer: JSON.stringify({
      model: {
        type: "BPE",
        vocab: { "▁": 0, a: 1, "▁▁": 2, "▁a": 3, aa: 4, "a▁": 5, "<unk>": 6 },
        unk_token: "<unk>",
        fuse_unk: true,
        merges,
        ...more,
      },
    }),
  });

describe("splitWords", () => {
  it("leaves alone what it could change", () => {
    const crossing = model(["a ▁"]);
    expect(splitWords(crossing)).toBe(crossing);
    const pair = model([["a", "▁"]]);
    expect(splitWords(pair)).toBe(pair);
    const noSpace = model([], { vocab: { a: 0 } });
    expect(splitWords(noSpace)).toBe(noSpace);
  });

  it("gives the ids of the unsplit text", () => {
    const file = model(["▁ a", "▁ ▁", "a a"]);
    const split = splitWords(file);
    expect(split["pre_tokenizer"]).not.toBeNull();
    const [plain, fast] = [openTokenizerLibrary(file, {}), openTokenizerLibrary(split, {})];
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "▁", "x", "aa"), { maxLength: 40 }), (parts) => {
        const text = parts.join("");
        expect(fast.encode(text).ids).toEqual(plain.encode(text).ids);
      }),
    );
  });
});

for (const name of ["stories260K", "babyllama105"]) {
  withSharedData("split-words", `models/${name}`, (directory) => {
    it(`splitWords gives the ids of the unsplit text on ${name}`, () => {
      const tokenizer = readFileSync(`${directory}/tokenizer.json`, "utf8");
      const file = parseTokenizerFile({ name, tokenizer });
      const split = splitWords(file);
      expect(split).not.toBe(file);
      const text = readFileSync(`${sharedData}/text/wikitext2_raw_test_joined.txt`, "utf8").slice(0, 30_000);
      expect(openTokenizerLibrary(split, {}).encode(text).ids).toEqual(openTokenizerLibrary(file, {}).encode(text).ids);
    });
  });
}
