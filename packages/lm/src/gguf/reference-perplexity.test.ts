import { readFileSync } from "node:fs";
import { createNativeBackend } from "@lowbit/kernels-native";
import { describe, expect, it } from "vitest";
import { evaluateTokens } from "../evaluate/evaluate-tokens.js";
import { loadModel } from "../node/open-model.js";
import { openTokenizer } from "../node/open-tokenizer.js";
import { sharedData, withSharedData } from "../shared-data.fixture.js";

/** Windows of the shared data's reference values. */
const WINDOWS: Readonly<Record<string, number>> = { stories260K: 40, babyllama105: 60 };

/** Perplexities of files that llama.cpp has written, by an independent dequantizer and forward pass. */
const PERPLEXITIES: Readonly<Record<string, number>> = {
  "stories260K-BF16": 4.52664,
  "stories260K-F16": 4.52566,
  "stories260K-F32": 4.52586,
  "babyllama105-BF16": 2.29855,
  "babyllama105-F16": 2.29849,
  "babyllama105-F32": 2.2985,
  "babyllama105-IQ4_NL": 2.50863,
  "babyllama105-Q4_0": 2.51358,
  "babyllama105-Q4_1": 2.44246,
  "babyllama105-Q5_0": 2.35612,
  "babyllama105-Q5_1": 2.34022,
  "babyllama105-Q8_0": 2.29847,
};

withSharedData("GGUF perplexity", "gguf", (folder) => {
  describe("the GGUF file", () => {
    it.each(Object.entries(PERPLEXITIES))("%s has the perplexity %d", { timeout: 120_000 }, async (file, expected) => {
      const path = `${folder}/${file}.gguf`;
      const tokenizer = await openTokenizer(path);
      const text = readFileSync(`${sharedData}/text/tinystories_excerpt.txt`, "utf8").slice(0, 60_000);
      const backend = createNativeBackend();
      const model = await loadModel(path, backend);
      const options = { beginToken: tokenizer.beginToken!, maxWindows: WINDOWS[file.split("-", 1)[0]!]! };
      const { perplexity } = await evaluateTokens(model, backend, tokenizer.encode(text), options);
      expect(Math.abs(perplexity.mean / expected - 1)).toBeLessThan(1e-4);
      model.close();
      backend.close();
    });

    it("babyllama105-Q4_K_M, an output of other blocks than the embedding, runs", async () => {
      const backend = createNativeBackend();
      const model = await loadModel(`${folder}/babyllama105-Q4_K_M.gguf`, backend);
      expect([model.config.isTied, model.head.output.name]).toEqual([false, "lm_head.weight"]);
      model.close();
      backend.close();
    });
  });
});
