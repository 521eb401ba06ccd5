import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { KernelBackend } from "@lowbit/core/backend";
import { createMemorySource } from "@lowbit/core/bytes";
import { openGguf } from "@lowbit/core/gguf";
import { createNativeBackend } from "@lowbit/kernels-native";
import { llamaLogitsOfEach } from "@lowbit/llama-oracle";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sequenceLogits } from "../forward/sequence-logits.fixture.js";
import type { LanguageModel } from "../model/language-model.js";
import { openTokenizer } from "../node/open-tokenizer.js";
import { TINY_LLAMA } from "../tiny-llama.fixture.js";
import { divergence, lowerQuartile, mean } from "./divergence.fixture.js";
import { exportedGguf } from "./exported-gguf.fixture.js";
import type { GgufExportType } from "./gguf-export.js";
import { GGUF_RECIPES } from "./gguf-recipes.js";
import { withFiles, withLlama } from "./llama.fixture.js";
import { llamaLikeLogits } from "./llama-inputs.fixture.js";
import { openGgufSource } from "./open-gguf-source.js";

const TYPES = [...new Set(GGUF_RECIPES.map(({ type }) => type))];

/**
 * Most mean divergence on whole windows. llama.cpp rounds the inputs of these matrices to 8 bits, we do not; with weights of
 * one and two bits that were rounded without any method the model knows next to nothing, and small changes show.
 */
const LIMITS: Partial<Record<GgufExportType, number>> = { F32: 1e-9, F16: 1e-6, BF16: 1e-4, TQ1_0: 1e-2, TQ2_0: 1e-2 };
const LIMIT = 1e-3;

/**
 * Types whose rounding of inputs is never the same: llama.cpp keeps sums of the inputs' codes in F16 for Q4_1 and Q5_1, and
 * steps of F16 are so small that some input of every token falls on another one.
 */
const ROUNDED_APART: readonly GgufExportType[] = ["F16", "Q4_1", "Q5_1"];

interface Compared {
  readonly type: GgufExportType;
  readonly model: LanguageModel;
  /** llama.cpp's logits of the windows, then of the single tokens. */
  readonly logits: Float32Array;
}

withLlama("llama.cpp on every type", () => {
  describe("llama.cpp on the bundled model with all matrices as", () => {
    let backend: KernelBackend;
    let windows: readonly (readonly number[])[];
    /** Each as a text of its own: nothing that was rounded one way in one program and the other in the other adds up. */
    let single: readonly number[];
    const compared = new Map<GgufExportType, Compared>();

    beforeAll(async () => {
      backend = createNativeBackend();
      const tokenizer = await openTokenizer(TINY_LLAMA);
      const text = readFileSync(join(TINY_LLAMA, "sample.txt"), "utf8").slice(0, 4000);
      const ids = Array.from(tokenizer.encode(text)).slice(0, 510);
      expect(ids).toHaveLength(510);
      windows = [
        [tokenizer.beginToken!, ...ids.slice(0, 255)],
        [tokenizer.beginToken!, ...ids.slice(255)],
      ];
      single = [...new Set(ids)].slice(0, 32);
      const files: Uint8Array[] = [];
      for (const type of TYPES) files.push(await exportedGguf(TINY_LLAMA, type, backend));
      const sequences = [...windows, ...single.map((id) => [id])];
      const found = await withFiles(files, (paths) => llamaLogitsOfEach(paths, sequences));
      for (const [place, type] of TYPES.entries()) {
        const checkpoint = await openGguf(createMemorySource(files[place]!));
        const source = await openGgufSource(checkpoint, backend);
        compared.set(type, { type, model: await source.load(), logits: found[place]! });
      }
    }, 180_000);
    afterAll(() => compared.clear());

    it.each(TYPES)("%s computes our distributions", (type) => {
      const { model, logits } = compared.get(type)!;
      const { vocabularySize } = model.config;
      const divergences = windows.flatMap((ids, place) => {
        const begin = place * 256 * vocabularySize;
        const theirs = logits.subarray(begin, begin + ids.length * vocabularySize);
        return divergence(backend, sequenceLogits(model, backend, ids), theirs, vocabularySize);
      });
      expect(divergences).toHaveLength(512);
      expect(mean(divergences)).toBeLessThan(LIMITS[type] ?? LIMIT);
    });

    const exact = TYPES.filter((type) => !ROUNDED_APART.includes(type));
    it.each(exact)("%s computes exactly our distributions where inputs are rounded alike", (type) => {
      const { model, logits } = compared.get(type)!;
      const { vocabularySize } = model.config;
      const divergences = single.flatMap((id, place) => {
        const begin = (512 + place) * vocabularySize;
        const theirs = logits.subarray(begin, begin + vocabularySize);
        return divergence(
          backend,
          llamaLikeLogits(model, backend, [id], () => type),
          theirs,
          vocabularySize,
        );
      });
      // A sum that the two programs add in another order may be rounded to the next code: then all that follows is a little
      // different. That is so for less than three quarters of the tokens.
      expect(lowerQuartile(divergences)).toBeLessThan(1e-10);
    });
  });
});
