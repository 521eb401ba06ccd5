import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { testBackends } from "../backends.fixture.js";
import { loadModel } from "../node/open-model.js";
import { openTokenizer } from "../node/open-tokenizer.js";
import { TINY_LLAMA } from "../tiny-llama.fixture.js";
import { evaluateTokens } from "./evaluate-tokens.js";
import { SHORT_TEXT } from "./short-text.fixture.js";

/** By __golden__/make_tiny_llama.py. */
interface Golden {
  readonly context: number;
  readonly tokens: number;
  readonly windowLosses: readonly number[];
}

describe.each(testBackends)("tiny-llama on $name", ({ name, create }) => {
  it("has the losses that transformers finds", { timeout: 60_000 }, async () => {
    const golden: Golden = JSON.parse(readFileSync(new URL("./__golden__/tiny-llama.json", import.meta.url), "utf8"));
    const backend = await create();
    const model = await loadModel(TINY_LLAMA, backend);
    const tokenizer = await openTokenizer(TINY_LLAMA);
    const tokens = tokenizer.encode(SHORT_TEXT);
    expect(tokens.length).toBe(golden.tokens);
    const losses = golden.windowLosses.slice(0, name === "reference" ? 1 : undefined);
    const { nll, protocol } = await evaluateTokens(model, backend, tokens, {
      context: golden.context,
      beginToken: tokenizer.beginToken!,
      maxWindows: losses.length,
    });
    const expected = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    expect(protocol.windows).toBe(losses.length);
    expect(Math.abs(nll.mean / expected - 1)).toBeLessThan(1e-5);
    model.close();
    backend.close();
  });
});
