import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BLOCK_TYPES } from "../blocks/block-table.js";
import { createMemorySource } from "../bytes/memory-source.js";
import { openGguf } from "../gguf/gguf-checkpoint.js";
import { writeGguf } from "../gguf/write-gguf.js";
import { decodedCheckpoint } from "../layouts/decoded-checkpoint.js";
import { expectedValues, goldenCases, openGolden } from "../layouts/golden-checkpoint.fixture.js";
import type { StoredQuantizedWeight } from "../layouts/logical-weight.js";
import { filledWeight, lowbitFile } from "../layouts/lowbit/lowbit-file.fixture.js";
import { openWeight } from "../layouts/read-weight.js";
import { recogniseWeights } from "../layouts/recognise.js";
import { openFile } from "../safetensors/open-file.js";
import { matrixShape } from "../tensor/matrix-shape.js";
import { arbitraryTerm } from "../terms/arbitrary-term.fixture.js";
import { decodeTerms } from "../terms/decode-terms.js";
import { REFERENCE, tensorOfValues } from "./array-checkpoint.fixture.js";
import { errorMap } from "./error-map.js";
import { groupScales } from "./group-scales.js";
import { outlierMap } from "./outlier-map.js";
import { scaleMap } from "./scale-map.js";
import { signMap } from "./sign-map.js";
import { tensorProfiles } from "./tensor-profiles.js";
import { valueWindow } from "./value-window.js";
import { weightLevels } from "./weight-levels.js";
import { cut } from "./window-cases.fixture.js";

const context = { backend: REFERENCE, blockByteLength: 128 };

describe("analyses of quantized weights", () => {
  it("see what the weights decode to", async () => {
    const property = fc.asyncProperty(arbitraryTerm, fc.nat(), async (term, at) => {
      fc.pre(term.layout.rows > 0);
      const { rows, columns } = term.layout;
      const stored = await openFile(createMemorySource(lowbitFile([filledWeight("w", [term])])));
      const checkpoint = decodedCheckpoint(stored, REFERENCE);
      const tensor = checkpoint.tensor("w")!;
      const values = new Float32Array(rows * columns);
      decodeTerms([term], values, REFERENCE);
      const plain = await tensorOfValues("F32", [rows, columns], values);

      const [row, column] = [at % rows, at % columns];
      const window = { row, rows: rows - row, column, columns: columns - column };
      const options = { maxWidth: 7, maxHeight: 3, window };
      const threshold = 0.4;
      expect(await outlierMap(checkpoint, tensor, { ...options, threshold }, context)).toEqual(
        await outlierMap(plain.checkpoint, plain.tensor, { ...options, threshold }, context),
      );
      expect(await signMap(checkpoint, tensor, options, context)).toEqual(
        await signMap(plain.checkpoint, plain.tensor, options, context),
      );
      expect(await tensorProfiles(checkpoint, tensor, context)).toEqual(
        await tensorProfiles(plain.checkpoint, plain.tensor, context),
      );
      const part = { row, column, columns: columns - column };
      const expected = [...new Set(values.subarray(row * columns + column, (row + 1) * columns))].sort((a, b) => a - b);
      expect([...(await weightLevels(checkpoint, tensor, part, context))]).toEqual(expected.map((value) => value + 0));
      const error = await errorMap({ checkpoint, tensor }, plain, options, context);
      expect(error.values.every((value) => value === 0)).toBe(true);
    });
    await fc.assert(property, { numRuns: 60 });
  });

  const layouts = ["awq", "bitnet", "bitsandbytes", "compressed-tensors", "fp8", "gpt-oss", "gptq", "hqq"];
  it.each(layouts)("take weights of %s", async (layout) => {
    let looked = 0;
    for (const found of goldenCases(layout)) {
      const stored = await openGolden(found);
      const checkpoint = decodedCheckpoint(stored, REFERENCE);
      const quantized = recogniseWeights(stored).filter(
        (weight): weight is StoredQuantizedWeight => weight.kind === "quantized",
      );
      for (const weight of quantized) {
        const tensor = checkpoint.tensor(weight.name)!;
        const { rows, columns } = matrixShape(tensor.shape);
        const window = { row: 1, rows: Math.min(9, rows - 1), column: 3, columns: Math.min(20, columns - 3) };
        const { values } = await valueWindow(checkpoint, tensor, window, context);
        const all = found.expected[weight.name];
        if (all !== undefined) expectNear(values, expectedValues(all), columns, window);
        const source = { name: weight.name, terms: weight.terms, reader: await weight.open() };
        const pictures = await groupScales(source, context);
        // HQQ weights of groups down the columns are decoded when they are opened: values without scales.
        expect(pictures.length === 0).toBe(weight.terms.every(({ kind }) => kind === "dense"));
        for (const [grid, picture] of pictures.entries()) {
          expect(picture.maximum).toBeGreaterThan(0);
          const map = await scaleMap(source, { maxWidth: 5, maxHeight: 5, window, grid }, context);
          const scales = map.values.filter(Number.isFinite);
          expect(scales.length).toBeGreaterThan(0);
          expect(Math.max(...scales)).toBeLessThanOrEqual(picture.maximum * (1 + 1e-6));
        }
        looked++;
      }
    }
    expect(looked).toBeGreaterThan(0);
  });
});

describe("analyses of GGUF blocks", () => {
  const encoded = Object.values(BLOCK_TYPES).filter((type) => type.encode !== undefined);
  it.each(encoded)("take $name", async (type) => {
    const [rows, columns] = [5, 2 * type.weights];
    const weights = Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i * i) * (1 + (i % 7)));
    const data = new Uint8Array((weights.length / type.weights) * type.bytes);
    type.encode!(weights, data);
    const file = writeGguf(new Map(), [{ name: "w", shape: [rows, columns], type: type.name, data }]);
    const stored = await openGguf(createMemorySource(file));
    const weight = recogniseWeights(stored)[0] as StoredQuantizedWeight;
    const checkpoint = decodedCheckpoint(stored, REFERENCE);
    const whole = new Float32Array(rows * columns);
    await (await openWeight(stored, weight, REFERENCE)).read(0, rows, whole);

    const window = { row: 1, rows: 3, column: 5, columns: columns - 6 };
    const part = { ...window, columns: Math.min(256, window.columns) };
    const { values } = await valueWindow(checkpoint, checkpoint.tensor("w")!, part, context);
    expect([...values]).toEqual(cut(whole, columns, part));

    const source = { name: "w", terms: weight.terms, reader: await weight.open() };
    const [picture] = await groupScales(source, context);
    expect(picture!.nonFiniteCount).toBe(0);
    expect(picture!.maximum).toBeGreaterThan(0);
    const map = await scaleMap(source, { maxWidth: 4, maxHeight: 3, window }, context);
    for (const scale of map.values) expect(scale).toBeLessThanOrEqual(picture!.maximum * (1 + 1e-6));
    for (const scale of map.values) expect(scale).toBeGreaterThanOrEqual(picture!.minimum * (1 - 1e-6));
  });
});

/** Within the rounding of the dtype that the client keeps weights in. */
function expectNear(
  found: Float32Array,
  expected: Float32Array,
  columns: number,
  window: { readonly row: number; readonly column: number; readonly columns: number },
): void {
  found.forEach((value, i) => {
    const row = window.row + Math.floor(i / window.columns);
    const wanted = expected[row * columns + window.column + (i % window.columns)]!;
    expect(Math.abs(value - wanted)).toBeLessThanOrEqual(2 ** -7 * Math.abs(wanted));
  });
}
