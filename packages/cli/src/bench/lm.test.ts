import { createReferenceBackend } from "@lowbit/core/backend";
import { expect, it } from "vitest";
import { renderLanguageModels } from "../commands/bench-lm.js";
import { measureLanguageModels } from "./lm.js";

it("measures prefill beside matmul and decode beside reading", () => {
  const shape = {
    hiddenSize: 128,
    feedForwardSize: 128,
    headCount: 4,
    keyValueHeadCount: 2,
    headSize: 32,
    vocabularySize: 16,
  };
  const sizes = { shape, rounds: 1, bytes: 1, matmulSize: 16, prefillTokens: 4, prefillBlocks: 1, context: 3 };
  const steps: string[] = [];
  const figures = measureLanguageModels(createReferenceBackend(), { ...sizes, onStep: (step) => steps.push(step) });
  expect(figures.prefill.map(({ name }) => name)).toEqual([
    "f32 × f32",
    "affine 4 bits g128 × int8",
    "affine 4 bits g128 × f32",
  ]);
  expect(figures.decode).toHaveLength(13);
  // 7 layers of one block: queries, output, gate, up, down of 128 × 128, keys and values of 64 × 128.
  const weights = 6 * 128 * 128;
  const bytesPerWeight = {
    f32: 4,
    "affine 8": 1 + 2 / 128,
    "affine 4": 0.5 + 2 / 128,
    "affine 2": 0.25 + 2 / 128,
    "sign g128": 1 / 8 + 2 / 128,
    "sign, a scale a row": 1 / 8 + 2 / 128,
  };
  for (const [name, bytes] of Object.entries(bytesPerWeight)) {
    const rows = figures.decode.filter((figure) => figure.name.startsWith(name));
    expect(rows).toHaveLength(name === "f32" ? 1 : 2);
    for (const row of rows) {
      expect(row).toMatchObject({ weights, bytes: weights * bytes });
      expect(row.gigabytes).toBeCloseTo((row.bytes * row.tokensPerSecond) / 1e9, 9);
      expect(row.shareOfRead).toBeGreaterThan(0);
    }
  }
  for (const { shareOfMatmul, gigaflops } of figures.prefill) {
    expect(shareOfMatmul).toBeGreaterThan(0);
    expect(gigaflops).toBeGreaterThan(0);
  }
  expect(steps).toContain("decoding with sign g128");
  expect(renderLanguageModels(figures, "reference")).toContain("affine 2 bits g128 × int8");
});
