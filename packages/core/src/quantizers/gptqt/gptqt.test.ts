import { describe, expect, it } from "vitest";
import { storedBitsPerWeight } from "../../terms/bits-per-weight.js";
import { gptq } from "../gptq/gptq.js";
import { quantizeLayer } from "../quantize-layer.fixture.js";
import { resolveOptions } from "../resolve-options.js";
import { syntheticLayerPart } from "../synthetic-layer-part.fixture.js";
import { gptqt } from "./gptqt.js";

const layer = syntheticLayerPart(24);

const error = (given: Readonly<Record<string, unknown>>): number => quantizeLayer(gptqt, given, layer).error;

describe("gptqt on the synthetic layer", () => {
  it("at 3 bits: least-squares binary coding in the loop beats GPTQ on a uniform grid", () => {
    const linear = quantizeLayer(gptq, { bits: 3, group: 128, actOrder: false }, layer).error;
    expect(error({ bits: 3, coding: "least-squares" })).toBeLessThan(0.8 * linear);
  });

  it("at 3 bits: the code of integers beats least squares, and a search for the scale makes it better", () => {
    const oneScale = error({ bits: 3, scaleSteps: 1 });
    expect(oneScale).toBeLessThan(0.95 * error({ bits: 3, coding: "least-squares" }));
    expect(error({ bits: 3 })).toBeLessThan(0.95 * oneScale);
  });

  it.each([1, 2, 4])("beats least-squares coding at %i bits", (bits) => {
    expect(error({ bits })).toBeLessThan(0.95 * error({ bits, coding: "least-squares" }));
  });

  it("stores the very values that the loop chose", () => {
    const { decoded, left } = quantizeLayer(gptqt, { bits: 3, group: 100 }, layer);
    expect(decoded).toEqual(left);
  });

  it("stores a permutation with act-order and groups, none with one group a row", () => {
    const groups = quantizeLayer(gptqt, { bits: 2, actOrder: true }, layer);
    expect(groups.inputTransforms.map(({ layout }) => layout.kind)).toEqual(["permutation"]);
    expect(groups.error).toBeLessThan(0.1);
    const rows = quantizeLayer(gptqt, { bits: 2, actOrder: true, group: "row" }, layer);
    expect(rows.inputTransforms).toEqual([]);
    expect(rows.error).toBeLessThan(error({ bits: 2, group: "row" }));
  });

  it("takes n + 16 (n + 1) / group bits a weight", () => {
    const shape = { rows: 256, columns: 512 };
    const options = resolveOptions(gptqt, { bits: 3 });
    const { terms, transforms } = gptqt.layout(shape, options);
    expect(transforms).toEqual([]);
    expect(gptqt.claimedBitsPerWeight(shape, options)).toBe(3.5);
    expect(storedBitsPerWeight(shape, terms, transforms)).toBe(3.5);
  });
});

it("refuses options of the integer search with another coding", () => {
  for (const given of [{ extraBits: 3 }, { scaleSteps: 2 }]) {
    expect(() => resolveOptions(gptqt, { coding: "least-squares", ...given })).toThrow(
      expect.objectContaining({ code: "options/conflict" }),
    );
  }
});
