import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KernelBackend } from "@lowbit/core/backend";
import { quantizeCheckpoint } from "@lowbit/core/node";
import { QUANTIZERS } from "@lowbit/core/quantizers";
import { createNativeBackend } from "@lowbit/kernels-native";
import { llamaLogitsOfEach } from "@lowbit/llama-oracle";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sequenceLogits } from "../../forward/sequence-logits.fixture.js";
import { divergence, lowerQuartile, mean } from "../../gguf/divergence.fixture.js";
import type { GgufExportType } from "../../gguf/gguf-export.js";
import { ggufRecipe } from "../../gguf/gguf-recipes.js";
import { withLlama } from "../../gguf/llama.fixture.js";
import { llamaLikeLogits } from "../../gguf/llama-inputs.fixture.js";
import { TINY_LLAMA } from "../../tiny-llama.fixture.js";
import { loadModel } from "../open-model.js";
import { convertToGguf } from "./convert-to-gguf.js";

const NATIVE = {
  module: new URL("../../../../kernels-native/src/index.ts", import.meta.url).href,
  exportName: "createNativeBackend",
};

/** A method whose codes and scales are those of a block type. */
const EXACT: readonly { readonly type: GgufExportType; readonly method: string; readonly options: object }[] = [
  { type: "Q1_0", method: "binary", options: { group: 128 } },
  { type: "Q2_0", method: "ternary", options: { group: 64 } },
  { type: "TQ1_0", method: "ternary", options: { group: 256 } },
  { type: "TQ2_0", method: "ternary", options: { group: 256, rule: "least-squares" } },
];

withLlama("llama.cpp on binary and ternary weights", () => {
  describe("llama.cpp on the bundled model", () => {
    let folder: string;
    let backend: KernelBackend;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "lowbit-llama-exact-"));
      backend = createNativeBackend();
    });
    afterAll(async () => {
      backend.close();
      await rm(folder, { recursive: true });
    });

    it.each(EXACT)(
      "with $method weights as $type, exactly",
      { timeout: 120_000 },
      async ({ type, method, options }) => {
        const quantized = join(folder, `${type}-model`);
        await quantizeCheckpoint({
          input: TINY_LLAMA,
          output: quantized,
          plan: { method, options: { ...options }, rules: [] },
          quantizers: QUANTIZERS,
          threads: 1,
          backend: NATIVE,
        });
        const output = join(folder, `${type}.gguf`);
        const request = {
          input: quantized,
          output,
          targetName: `gguf:${type}`,
          choice: { recipe: ggufRecipe(type) },
          allowRequantize: false,
          encoder: "lowbit" as const,
          measuresErrors: true,
          threads: 1,
          backend: NATIVE,
        };
        const report = await convertToGguf(request, backend);
        const matrices = report.weights.filter(({ to }) => to === type);
        expect(matrices).toHaveLength(6 * 7);
        expect(report.weights.filter(({ outcome }) => outcome !== "exact" && outcome !== "kept")).toEqual([]);

        const window = [1, ...Array.from({ length: 127 }, (_, i) => 3 + 16 * i)];
        const single = window.slice(0, 24).map((id) => [id]);
        const [logits] = await llamaLogitsOfEach([output], [window, ...single]);
        const model = await loadModel(quantized, backend);
        const { vocabularySize } = model.config;
        const ours = sequenceLogits(model, backend, window);
        expect(mean(divergence(backend, ours, logits!.subarray(0, ours.length), vocabularySize))).toBeLessThan(1e-3);
        // The tied output stays as it was, BF16.
        const typeOf = ({ rows }: { rows: number }) => (rows === vocabularySize ? "BF16" : type);
        const alike = single.flatMap((ids, place) => {
          const begin = (window.length + place) * vocabularySize;
          const theirs = logits!.subarray(begin, begin + vocabularySize);
          return divergence(backend, llamaLikeLogits(model, backend, ids, typeOf), theirs, vocabularySize);
        });
        expect(lowerQuartile(alike)).toBeLessThan(1e-10);
      },
    );
  });
});
