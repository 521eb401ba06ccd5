import { describe, expect, it } from "vitest";
import { blockType } from "../blocks/block-table.js";
import { fittingBlocks, fittingLayouts } from "./fitting-layouts.js";
import type { WholeWeight } from "./layout-writer.js";

/** Blocks of a type as a weight of lowbit. */
function weightOf(type: "Q4_0" | "TQ2_0"): WholeWeight {
  const { weights, bytes, encode, unpack } = blockType(type);
  const [rows, columns] = [8, 256];
  const values = Float32Array.from({ length: rows * columns }, (_, i) => Math.cos(i * 0.9));
  const blocks = new Uint8Array(((rows * columns) / weights) * bytes);
  encode!(values, blocks);
  return {
    name: "a.weight",
    shape: [rows, columns],
    dtype: "F32",
    terms: [unpack(blocks, rows, columns)],
    transforms: [],
  };
}

describe("fittingLayouts", () => {
  it("finds the smallest exact layout first", () => {
    const [first] = fittingLayouts(weightOf("TQ2_0")).filter(({ rounded }) => rounded === undefined);
    expect(first!.layout).toBe("gguf:TQ1_0");
    const names = fittingBlocks(weightOf("Q4_0")).map(({ type }) => type);
    expect(names).toEqual(expect.arrayContaining(["Q4_0", "Q4_1", "Q8_0"]));
    expect(names).not.toContain("TQ2_0");
  });

  it("knows that GGUF has no input transforms", () => {
    const { terms, ...weight } = weightOf("Q4_0");
    const transforms = [
      { layout: { kind: "permutation", columns: 256 }, arrays: {} },
    ] as unknown as WholeWeight["transforms"];
    expect(fittingBlocks({ ...weight, terms, transforms })).toEqual([]);
  });
});
