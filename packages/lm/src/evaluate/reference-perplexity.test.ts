import { readFileSync } from "node:fs";
import type { KernelBackend } from "@lowbit/core/backend";
import { createReferenceBackend } from "@lowbit/core/backend";
import { createNativeBackend } from "@lowbit/kernels-native";
import { describe, expect, it } from "vitest";
import { testBackends } from "../backends.fixture.js";
import { loadModel } from "../node/open-model.js";
import { openTokenizer } from "../node/open-tokenizer.js";
import { sharedData, withSharedData } from "../shared-data.fixture.js";
import { type Evaluation, evaluateTokens } from "./evaluate-tokens.js";
import type { EvaluationOptions } from "./evaluation-options.js";

interface Reference {
  readonly windows: number;
  readonly perplexity: Readonly<Record<string, { ppl: number; mean_nll: number; tokens_scored: number }>>;
}

/** Ids of the windows of reference.json, no more: "wikitext2_raw_test_joined (first 60000 characters)" says where a text ends. */
async function textTokens(directory: string, text: string): Promise<{ tokens: Uint32Array; beginToken: number }> {
  const tokenizer = await openTokenizer(directory);
  const content = readFileSync(`${sharedData}/text/${text.split(" ", 1)[0]}.txt`, "utf8").slice(0, 60_000);
  return { tokens: tokenizer.encode(content), beginToken: tokenizer.beginToken! };
}

async function evaluateText(
  directory: string,
  text: string,
  backend: KernelBackend,
  options: EvaluationOptions,
): Promise<Evaluation> {
  const { tokens, beginToken } = await textTokens(directory, text);
  const model = await loadModel(directory, backend);
  try {
    return await evaluateTokens(model, backend, tokens, { beginToken, ...options });
  } finally {
    model.close();
  }
}

for (const name of ["stories260K", "babyllama105"]) {
  withSharedData("reference perplexity", `models/${name}`, (directory) => {
    const reference = JSON.parse(readFileSync(`${directory}/reference.json`, "utf8")) as Reference;
    const texts = Object.keys(reference.perplexity);
    // The reference backend takes minutes for all windows; LOWBIT_ALL_WINDOWS runs them.
    const complete = testBackends.filter(({ name }) => name !== "reference" || process.env["LOWBIT_ALL_WINDOWS"]);

    describe.each(complete)(`${name} on $name`, ({ create }) => {
      it.each(texts)("has the perplexity of reference.json on %s", { timeout: 900_000 }, async (text) => {
        const backend = await create();
        const result = await evaluateText(directory, text, backend, { maxWindows: reference.windows });
        const expected = reference.perplexity[text]!;
        expect(result.protocol.scoredTokens).toBe(expected.tokens_scored);
        expect(Math.abs(result.perplexity.mean / expected.ppl - 1)).toBeLessThan(1e-4);
        expect(Math.abs(result.nll.mean / expected.mean_nll - 1)).toBeLessThan(1e-4);
        backend.close();
      });
    });

    it.each(texts)(`${name} on reference agrees with native on the first windows of %s`, async (text) => {
      const options = { context: 96, maxWindows: 2 };
      const native = createNativeBackend();
      const expected = await evaluateText(directory, text, native, options);
      const found = await evaluateText(directory, text, createReferenceBackend(), options);
      expect(found.protocol).toEqual(expected.protocol);
      expect(Math.abs(found.nll.mean / expected.nll.mean - 1)).toBeLessThan(1e-5);
      native.close();
    });
  });
}
