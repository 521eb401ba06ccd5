import { describe, expect, it } from "vitest";
import { blockType } from "../blocks/block-table.js";
import type { BlockTypeName } from "../blocks/block-type.js";
import type { AffineLayout } from "../terms/affine.js";
import type { LayoutWriter, WholeWeight } from "./layout-writer.js";
import { LAYOUT_WRITERS } from "./layout-writers.js";
import { type ExpectedWeight, staticRefusal } from "./static-refusal.js";

function affine(bits: number, groupSize: number, terms = 1): ExpectedWeight {
  const layout: AffineLayout = {
    kind: "affine",
    rows: 32,
    columns: 256,
    bits,
    granularity: "group",
    groupSize,
    zero: "integer",
    scaleDtype: "F16",
  };
  return {
    name: "a.weight",
    shape: [32, 256],
    dtype: "BF16",
    terms: Array.from({ length: terms }, () => layout),
    transforms: [],
  };
}

const blocks = (name: BlockTypeName) => (weight: WholeWeight) => {
  const packed = blockType(name).pack!(weight.terms);
  return "reason" in packed ? packed : undefined;
};
const written = (name: string) => (weight: WholeWeight) => {
  const writer = LAYOUT_WRITERS.find((one) => one.name === name) as LayoutWriter;
  const packed = writer.pack(weight);
  return "reason" in packed ? packed : undefined;
};

describe("staticRefusal", () => {
  it("lets pass what may fit, whatever the codes", () => {
    expect(staticRefusal(affine(4, 32), blocks("Q4_1"))).toBeUndefined();
    expect(staticRefusal(affine(4, 32), blocks("Q4_0"))).toBeUndefined();
    expect(staticRefusal(affine(4, 128), written("gptq"))).toBeUndefined();
    expect(staticRefusal(affine(4, 128), written("awq"))).toBeUndefined();
  });

  it("refuses what never fits", () => {
    expect(staticRefusal(affine(4, 24), blocks("Q4_1"))).toMatchObject({ reason: expect.stringContaining("24") });
    expect(staticRefusal(affine(4, 32, 2), written("gptq"))).toMatchObject({
      reason: expect.stringContaining("2 terms"),
    });
  });

  it("says nothing of terms whose tables decide", () => {
    const refuse = () => ({ reason: "no" });
    const layout = { ...affine(4, 32).terms[0]!, kind: "codebook", codebook: "nf4" } as unknown as AffineLayout;
    expect(staticRefusal({ ...affine(4, 32), terms: [layout] }, refuse)).toBeUndefined();
  });
});
