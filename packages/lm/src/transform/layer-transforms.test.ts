import { createReferenceBackend } from "@lowbit/core/backend";
import type { LayerStatistics } from "@lowbit/core/quantizers";
import { describe, expect, it } from "vitest";
import { testBackends } from "../backends.fixture.js";
import type { LinearShape } from "../model/block-description.js";
import { layerTransforms } from "./layer-transforms.js";

const backend = createReferenceBackend();

function layer(inFeatures: number): LinearShape {
  return { name: "layer", rows: 2, columns: inFeatures, outFeatures: 2, inFeatures, isTransposed: false };
}

function group(columns: number, index: number, scale = 1) {
  const weights = {
    values: Float32Array.from({ length: 2 * columns }, (_, i) => scale * (1 + (i % 3))),
    rows: 2,
    columns,
  };
  return { block: 1, index, layers: [{ layer: layer(columns), weights }] };
}

function statistics(columns: number): LayerStatistics {
  const meanSquare = Float32Array.from({ length: columns }, (_, j) => (j + 1) ** 2);
  const shape = { rows: 2, columns };
  return { name: "layer", shape, inFeatures: columns, samples: 1, tokens: 1, values: { "mean-square": meanSquare } };
}

describe("layerTransforms", () => {
  it("is nothing where nothing was asked for", () => {
    expect(layerTransforms({ seed: 3 })).toBeUndefined();
  });

  it("R4 turns the input of down only; all: every input", () => {
    const down = layerTransforms({ rotate: "down" })!;
    const all = layerTransforms({ rotate: "all" })!;
    for (const index of [0, 1, 2]) {
      expect(down.layouts(layer(24), index)).toEqual([]);
      expect(down.make(group(24, index), undefined, backend)).toEqual([]);
      expect(all.layouts(layer(24), index)).toHaveLength(1);
    }
    const layout = { kind: "hadamard", columns: 24, size: 24, order: 12 };
    expect(down.layouts(layer(24), 3)).toEqual([layout]);
    expect(down.make(group(24, 3), undefined, backend)[0]!.layout).toEqual(layout);
  });

  it("signs depend on seed, block and input, and on nothing else", () => {
    const signs = (seed: number, block: number, index: number) =>
      layerTransforms({ rotate: "all", seed })!.make({ ...group(64, index), block }, undefined, backend)[0]!.arrays[
        "signs"
      ];
    expect(signs(1, 2, 3)).toEqual(signs(1, 2, 3));
    expect(signs(2, 2, 3)).not.toEqual(signs(1, 2, 3));
    expect(signs(1, 1, 3)).not.toEqual(signs(1, 2, 3));
    expect(signs(1, 2, 1)).not.toEqual(signs(1, 2, 3));
  });

  it("smooth takes one scale for all layers that read an input", () => {
    const smooth = layerTransforms({ smooth: { alpha: 0.5 } })!;
    expect(smooth.needs).toEqual(["mean-square"]);
    const [first] = group(8, 0).layers;
    const [second] = group(8, 0, 50).layers;
    const together = smooth.make({ block: 0, index: 0, layers: [first!, second!] }, statistics(8), backend);
    const larger = smooth.make({ block: 0, index: 0, layers: [second!] }, statistics(8), backend);
    expect(together).toEqual(larger);
    expect(together[0]!.layout).toEqual(smooth.layouts(layer(8), 0)[0]);
  });

  it("writes the same bytes on every backend, smooth before the rotation", async () => {
    const both = layerTransforms({ rotate: "down", smooth: { alpha: 0.7 } })!;
    const expected = both.make(group(24, 3), statistics(24), backend);
    expect(expected.map(({ layout }) => layout.kind)).toEqual(["channel-scale", "hadamard"]);
    expect(both.layouts(layer(24), 3)).toEqual(expected.map(({ layout }) => layout));
    for (const { create } of testBackends) {
      const made = await create();
      expect(both.make(group(24, 3), statistics(24), made)).toEqual(expected);
      made.close();
    }
  });

  it("refuses smoothing without its statistic, and settings out of range", () => {
    const smooth = layerTransforms({ smooth: { alpha: 0.5, magnitude: "mean-abs" } })!;
    expect(smooth.needs).toEqual(["mean-abs"]);
    const coded = (code: string) => expect.objectContaining({ code });
    expect(() => smooth.make(group(8, 0), statistics(8), backend)).toThrow(coded("quantize/missing-statistic"));
    expect(() => layerTransforms({ smooth: { alpha: -1 } })).toThrow(coded("transform/invalid-option"));
    expect(() => layerTransforms({ rotate: "down", seed: -1 })).toThrow(coded("transform/invalid-option"));
  });
});
