import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../../backend/reference/reference-backend.js";
import { blockType } from "../../blocks/block-table.js";
import { decodeTerms } from "../../terms/decode-terms.js";
import { type Change, readChanged, resized, withBytes, without, withTensor } from "../changed-golden.fixture.js";
import { goldenCases } from "../golden-checkpoint.fixture.js";

const [golden] = goldenCases("gpt-oss");

describe("gpt-oss files that are wrong", () => {
  it.each(["_scales", "_blocks"])("no %s", async (ending) => {
    await expect(readChanged(golden!, without(ending))).rejects.toMatchObject({ code: "layouts/missing-partner" });
  });

  it.each<[string, Change]>([
    ["blocks of 8 bytes", resized("_blocks", "U8", [2, 6, 6, 8], 576)],
    ["blocks of no rows", resized("_blocks", "U8", [16], 16)],
    ["blocks of signed bytes", resized("_blocks", "I8", [2, 6, 3, 16], 576)],
    ["scales of other groups", resized("_scales", "U8", [2, 6, 2], 24)],
  ])("%s", async (_, change) => {
    await expect(readChanged(golden!, change)).rejects.toMatchObject({ code: "layouts/wrong-tensor" });
  });

  it("a scale of NaN", async () => {
    const change = withBytes("_scales", [255]);
    await expect(readChanged(golden!, change)).rejects.toMatchObject({ code: "layouts/wrong-value" });
  });
});

describe("FP4 halves against neighbours", () => {
  it("two neighbours share a byte, the first in the low half; a block is not split into halves", async () => {
    const change: Change = (tensors) =>
      withTensor("_scales", ({ data }) => ({ data: data.map(() => 127) }))(withBytes("_blocks", [0x21, 0x43])(tensors));
    // Codes 1, 2, 3, 4 of E2M1.
    expect((await readChanged(golden!, change)).slice(0, 4)).toEqual([0.5, 1, 1.5, 2]);
  });

  it.each([
    ["MXFP4", [127], 32, 16],
    ["NVFP4", [0x38, 0x38, 0x38, 0x38], 64, 8],
  ] as const)("%s of GGUF splits a group into halves: low nibbles are the first one", (name, scales, weights, half) => {
    const type = blockType(name);
    const block = new Uint8Array(type.bytes);
    block.set([...scales, 0x21, 0x43]);
    const values = new Float32Array(weights);
    decodeTerms([type.unpack(block, 1, weights)], values, createReferenceBackend());
    expect([...values.entries()].filter(([, value]) => value !== 0)).toEqual([
      [0, 0.5],
      [1, 1.5],
      [half, 1],
      [half + 1, 2],
    ]);
  });
});
