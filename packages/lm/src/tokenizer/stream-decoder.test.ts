import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openTokenizer } from "../node/open-tokenizer.js";
import { withSharedData } from "../shared-data.fixture.js";
import { TINY_LLAMA } from "../tiny-llama.fixture.js";

function expectStreams(directory: string): void {
  it("gives the text of all ids, piece by piece", async () => {
    const tokenizer = await openTokenizer(directory);
    fc.assert(
      fc.property(fc.array(fc.nat(tokenizer.vocabularySize - 1), { maxLength: 30 }), (ids) => {
        const decoder = tokenizer.streamDecoder();
        const streamed = ids.map((id) => decoder.push(id)).join("") + decoder.finish();
        expect(streamed).toBe(tokenizer.decode(ids));
      }),
      { numRuns: 300 },
    );
  });

  it("holds a character back until it is complete", async () => {
    const tokenizer = await openTokenizer(directory);
    const text = "a 😀 é";
    const decoder = tokenizer.streamDecoder();
    const pieces = Array.from(tokenizer.encode(text), (id) => decoder.push(id));
    expect(pieces.join("")).toBe(text);
    expect(pieces.join("")).not.toContain("�");
    expect(pieces).toContain("");
  });

  it("gives an unfinished character at the end", async () => {
    const tokenizer = await openTokenizer(directory);
    const decoder = tokenizer.streamDecoder();
    const ids = Array.from(tokenizer.encode("x😀"));
    const streamed = ids.slice(0, -1).map((id) => decoder.push(id));
    expect(streamed.join("")).toBe("x");
    expect(decoder.finish()).toMatch(/^�+$/);
    expect(decoder.finish()).toBe("");
  });
}

describe("the stream decoder of tiny-llama", () => expectStreams(TINY_LLAMA));

withSharedData("stream-decoder", "models/stories260K", (directory) => {
  describe("the stream decoder of stories260K", () => expectStreams(directory));
});
