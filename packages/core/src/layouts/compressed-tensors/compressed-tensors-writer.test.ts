import { describe, expect, it } from "vitest";
import { decodeTable } from "../../dtype/decode-table.js";
import type { CodebookLayout } from "../../terms/codebook.js";
import { affineTerm } from "../whole-weight.fixture.js";
import {
  codebookTerm,
  decoded,
  packedAs,
  randomBlock,
  readBack,
  roundedAndRead,
  WEIGHT_NAME,
  weightOfTerms,
} from "../written-weight.fixture.js";
import { compressedTensorsWriter as writer } from "./compressed-tensors-writer.js";

/** Largest relative squared errors on values spread evenly: a step of 1 / (2^bits − 1) of the range, and small floats. */
const EXPECTED: Readonly<Record<string, readonly [format: string, error: number]>> = {
  int2: ["pack-quantized", 0.25],
  int3: ["pack-quantized", 0.03],
  int4: ["pack-quantized", 0.006],
  "int4-asymmetric": ["pack-quantized", 0.006],
  int5: ["pack-quantized", 0.0015],
  int6: ["pack-quantized", 4e-4],
  int7: ["pack-quantized", 1e-4],
  int8: ["pack-quantized", 2.5e-5],
  w8a8: ["int-quantized", 2.5e-5],
  fp8: ["float-quantized", 8e-4],
  "fp8-block": ["float-quantized", 8e-4],
  nvfp4: ["nvfp4-pack-quantized", 0.012],
  mxfp4: ["mxfp4-pack-quantized", 0.015],
  mxfp8: ["mxfp8-quantized", 8e-4],
};

describe("compressed-tensors writer", () => {
  it.each(writer.types)("rounds to %s, which it then writes and reads to the bit", async (type) => {
    const { packed, error } = await roundedAndRead(writer, randomBlock(40, 160), type);
    const [format, largest] = EXPECTED[type]!;
    expect(packed.facts).toMatchObject({ format });
    expect(packed).not.toHaveProperty("rounded");
    expect(error).toBeLessThan(largest);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])("keeps %i-bit terms, symmetric, asymmetric and of rows", async (bits) => {
    for (const term of [
      affineTerm({ bits }),
      affineTerm({ bits, zero: "midpoint" }),
      affineTerm({ bits, granularity: "row", groupSize: 64, scaleDtype: "BF16" }),
    ]) {
      const packed = packedAs(writer, weightOfTerms([term]));
      expect(packed).not.toHaveProperty("rounded");
      expect(await readBack(writer, WEIGHT_NAME, packed)).toEqual(decoded([term]));
    }
  });

  it("parts groups that do not divide the row, and refuses where parts are too short", async () => {
    const term = affineTerm({ columns: 160, groupSize: 64 });
    const packed = packedAs(writer, weightOfTerms([term]));
    expect(packed.facts).toMatchObject({ strategy: "group", groupSize: 32 });
    expect(await readBack(writer, WEIGHT_NAME, packed)).toEqual(decoded([term]));
    expect(writer.pack(weightOfTerms([affineTerm({ columns: 70, groupSize: 32 })]))).toMatchObject({
      reason: expect.stringMatching(/groups of 32 in rows of 70/),
    });
  });

  it("refuses what it has no place for", () => {
    const term = affineTerm({});
    const { transforms: _, ...plain } = weightOfTerms([term]);
    const moved = { layout: { kind: "permutation", columns: 64 }, arrays: { indices: new Uint8Array(256) } } as const;
    for (const [weight, type, reason] of [
      [{ ...plain, transforms: [moved] }, undefined, /input transform "permutation"/],
      [{ ...plain, transforms: [], name: "a.weights" }, undefined, /"\.weight"/],
      [{ ...plain, transforms: [], shape: [2, 16, 64] }, undefined, /3 axes/],
      [weightOfTerms([term, term]), undefined, /2 terms/],
      [weightOfTerms([term]), "w8a8", /one scale a row/],
      [weightOfTerms([term]), "int2", /levels/],
      [weightOfTerms([term]), "nvfp4", /affine term/],
    ] as const) {
      expect(writer.pack(weight, type)).toEqual({ reason: expect.stringMatching(reason) });
    }
  });

  const e2m1: CodebookLayout = {
    kind: "codebook",
    rows: 6,
    columns: 64,
    bits: 4,
    granularity: "group",
    groupSize: 32,
    codebook: "mxfp4",
    scaleDtype: "BF16",
  };

  it("takes E2M1 of a table that another tool doubled", async () => {
    const doubled = decodeTable("F4").map((value) => 2 * value);
    const term = codebookTerm(e2m1, doubled, (i) => 2 ** ((i % 7) - 3));
    const packed = packedAs(writer, weightOfTerms([term]));
    expect(packed.facts).toMatchObject({ format: "mxfp4-pack-quantized" });
    expect(await readBack(writer, WEIGHT_NAME, packed)).toEqual(decoded([term]));
  });

  it("finds the divisor of NVFP4 scales again", async () => {
    for (const global of [1, 0.3, 1234.5678, 2 ** -9]) {
      const table = decodeTable("F8_E4M3");
      const term = codebookTerm({ ...e2m1, groupSize: 16, scaleDtype: "F32" }, decodeTable("F4"), (i) => {
        return table[20 + ((i * 37) % 100)]! / Math.fround(global);
      });
      const packed = packedAs(writer, weightOfTerms([term]));
      expect(packed.facts).toMatchObject({ format: "nvfp4-pack-quantized" });
      expect(await readBack(writer, WEIGHT_NAME, packed)).toEqual(decoded([term]));
    }
    const odd = codebookTerm({ ...e2m1, groupSize: 16, scaleDtype: "F32" }, decodeTable("F4"), (i) => 1 + i / 1000);
    expect(writer.pack(weightOfTerms([odd]))).toEqual({ reason: expect.stringMatching(/common divisor/) });
  });

  it("has one group for one scheme, and names modules where there are several", () => {
    const int4 = packedAs(writer, weightOfTerms([affineTerm({ zero: "midpoint" })]));
    const int8 = packedAs(writer, weightOfTerms([affineTerm({ bits: 8 })]));
    const one = writer.config(new Map([["a.weight", int4]]), ["lm_head.weight", "embed.weight"]).quantizationConfig;
    expect(one).toMatchObject({
      quant_method: "compressed-tensors",
      format: "pack-quantized",
      ignore: ["lm_head", "embed"],
      config_groups: {
        group_0: {
          targets: ["Linear"],
          weights: { num_bits: 4, type: "int", symmetric: true, strategy: "group", group_size: 16 },
          input_activations: null,
        },
      },
    });
    const two = writer.config(
      new Map([
        ["a.weight", int4],
        ["b.weight", int8],
      ]),
      [],
    ).quantizationConfig;
    expect(two).toMatchObject({
      ignore: ["lm_head"],
      config_groups: { group_0: { targets: ["a"] }, group_1: { targets: ["b"], weights: { symmetric: false } } },
    });
  });
});
