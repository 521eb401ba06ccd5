import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openTokenizer } from "../node/open-tokenizer.js";
import { sharedData, withSharedData } from "../shared-data.fixture.js";
import { TINY_LLAMA } from "../tiny-llama.fixture.js";

/** By __golden__/make_tokens.py. */
interface Golden {
  readonly cases: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly withSpecial: readonly number[];
    readonly decoded: string;
  }[];
}

function expectGolden(name: string, directory: string): void {
  const file = new URL(`./__golden__/${name}-tokens.json`, import.meta.url);
  const { cases } = JSON.parse(readFileSync(file, "utf8")) as Golden;

  describe(`the tokenizer of ${name}`, () => {
    it.each(cases)("encodes $text like the Python library", async ({ text, ids, withSpecial }) => {
      const tokenizer = await openTokenizer(directory);
      expect(Array.from(tokenizer.encode(text))).toEqual(ids);
      expect(Array.from(tokenizer.encode(text, { addSpecialTokens: true }))).toEqual(withSpecial);
    });

    it.each(cases)("decodes $text like the Python library", async ({ ids, decoded }) => {
      const tokenizer = await openTokenizer(directory);
      expect(tokenizer.decode(ids)).toBe(decoded);
    });
  });
}

expectGolden("tiny-llama", TINY_LLAMA);

for (const name of ["stories260K", "babyllama105"]) {
  withSharedData("golden-tokens", `models/${name}`, (directory) => {
    expectGolden(name, directory);

    it.each(["tinystories_excerpt", "tinyshakespeare", "wikitext2_raw_test_joined"])(
      `encodes the start of %s to the ids of ${name}'s reference.json`,
      async (text) => {
        const reference = JSON.parse(readFileSync(`${directory}/reference.json`, "utf8")) as {
          perplexity: Record<string, { first_16_ids: number[] }>;
        };
        const [, { first_16_ids: ids }] = Object.entries(reference.perplexity).find(([key]) => key.startsWith(text))!;
        const tokenizer = await openTokenizer(directory);
        const start = readFileSync(`${sharedData}/text/${text}.txt`, "utf8").slice(0, 2000);
        expect(Array.from(tokenizer.encode(start).subarray(0, 16))).toEqual(ids);
      },
    );
  });
}
