import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../../backend/reference/reference-backend.js";
import type { AffineLayout } from "../../terms/affine.js";
import { writeU32 } from "../../terms/index-array.js";
import type { InputTransform } from "../../terms/input-transform.js";
import type { Term } from "../../terms/term.js";
import { allocateTerm } from "../../terms/term-arrays.js";
import { checkpointOf, sequence, weightValues } from "../checkpoint-of.fixture.js";
import type { PackedWeight, WholeWeight } from "../layout-writer.js";
import { affineTerm, COLUMNS, packed, ROWS, roundTrip, valuesOf, weightOf } from "../whole-weight.fixture.js";
import { gptqV2Writer, gptqWriter } from "./gptq-writer.js";

const backend = createReferenceBackend();

const permutation: InputTransform = {
  layout: { kind: "permutation", columns: COLUMNS },
  arrays: { indices: new Uint8Array(4 * COLUMNS) },
};
// 37 and 64 have no common divisor.
writeU32(
  Array.from({ length: COLUMNS }, (_, c) => (37 * c + 5) % COLUMNS),
  permutation.arrays["indices"]!,
);

describe.each([gptqWriter, gptqV2Writer])("$name writer", (writer) => {
  it.each([2, 3, 4, 8])("%i bits come back to the bit, in groups, in rows and in act-order", async (bits) => {
    for (const [term, transforms] of [
      [affineTerm({ bits }), []],
      [affineTerm({ bits, zero: "midpoint" }), []],
      [affineTerm({ bits, granularity: "row", groupSize: COLUMNS }), []],
      [affineTerm({ bits }), [permutation]],
    ] as const) {
      const weight = weightOf(term, transforms);
      expect(writer.pack(weight)).not.toHaveProperty("rounded");
      expect(await roundTrip(writer, weight)).toEqual(valuesOf(weight));
    }
  });

  it("writes tensors of the shapes that clients allocate", () => {
    const { tensors, facts } = packed(writer, weightOf(affineTerm({ bits: 3 }), [permutation]));
    expect(tensors).toMatchObject([
      { name: "a.qweight", dtype: "I32", shape: [6, 32] },
      { name: "a.qzeros", dtype: "I32", shape: [4, 3] },
      { name: "a.scales", dtype: "F16", shape: [4, 32] },
      { name: "a.g_idx", dtype: "I32", shape: [64] },
    ]);
    expect(facts).toEqual({ bits: 3, groupSize: 16, columns: 64, isSymmetric: false, hasOrder: true });
  });

  it("stores one zero for all where the levels allow it", () => {
    const { tensors, facts } = packed(writer, weightOf(affineTerm({ zero: "midpoint" })));
    expect(facts).toMatchObject({ isSymmetric: true });
    const stored = writer === gptqWriter ? 0x77 : 0x88;
    expect(new Set(tensors[1]!.data)).toEqual(new Set([stored]));
  });

  it("widens 5 bits to 8, and splits groups that clients do not know", async () => {
    const weight = weightOf(affineTerm({ bits: 5, columns: 192, groupSize: 96 }));
    expect(packed(writer, weight).facts).toMatchObject({ bits: 8, groupSize: 32 });
    expect(await roundTrip(writer, weight)).toEqual(valuesOf(weight));
  });

  it("takes the width that is asked for, where the levels fit", async () => {
    const weight = weightOf(affineTerm({ bits: 3 }));
    const wide = writer.pack(weight, "int8");
    expect(wide).toMatchObject({ facts: { bits: 8 } });
    expect(
      await weightValues(
        await checkpointOf((wide as PackedWeight).tensors, {
          checkpoint_format: writer === gptqWriter ? "gptq" : "gptq_v2",
        }),
        "a.weight",
      ),
    ).toEqual(valuesOf(weight));
    expect(writer.pack(weight, "int2")).toEqual({ reason: expect.stringContaining("levels from") });
  });

  it("rounds scales that F16 does not hold, and says so", async () => {
    const weight = weightOf(affineTerm({ scaleDtype: "F32" }));
    expect(packed(writer, weight)).not.toHaveProperty("rounded");
    const odd = allocateTerm({ ...(weight.terms[0]!.layout as AffineLayout) });
    odd.arrays.scale.set(new Uint8Array(Float32Array.from({ length: ROWS * 4 }, () => 0.1).buffer));
    expect(packed(writer, weightOf(odd as unknown as Term)).rounded).toBe("F32 scales to F16");
  });

  it.each<[string, WholeWeight, RegExp]>([
    ["two terms", { ...weightOf(affineTerm({})), terms: [affineTerm({}), affineTerm({})] }, /2 terms/],
    ["another shape", weightOf(affineTerm({ rows: 20 })), /20 × 64 weights/],
    ["no matrix", { ...weightOf(affineTerm({})), shape: [2, 16, 64] }, /linear layer/],
    ["another name", weightOf(affineTerm({}), [], "a.in_proj"), /linear layer/],
    ["groups without a divisor", weightOf(affineTerm({ groupSize: 24 })), /groups of 24/],
    [
      "a channel scale",
      weightOf(affineTerm({}), [
        {
          layout: { kind: "channel-scale", columns: COLUMNS, scaleDtype: "F32" },
          arrays: { scale: new Uint8Array(256) },
        },
      ]),
      /after channel-scale/,
    ],
  ])("refuses %s", (_, weight, reason) => {
    expect(writer.pack(weight)).toEqual({ reason: expect.stringMatching(reason) });
  });

  it.each(["int4", "int8", "int3", "int2"])("rounds to %s where terms do not fit, and then they do", async (type) => {
    const random = sequence(3);
    const values = Float32Array.from({ length: ROWS * 256 }, () => random(1000) / 500 - 1);
    const [term] = writer.requantize({ values, rows: ROWS, columns: 256 }, type, backend);
    expect(term!.layout).toMatchObject({ groupSize: 128, bits: Number(type.slice(3)) });
    const weight = weightOf(term!);
    expect(packed(writer, weight)).not.toHaveProperty("rounded");
    expect(await roundTrip(writer, weight)).toEqual(valuesOf(weight));
  });
});

describe("zero point wrap", () => {
  it("version 1 is never given a zero of 0: moved where codes allow it, refused where not", async () => {
    const term = affineTerm({ bits: 2, zeroPoint: 0 });
    expect(gptqWriter.pack(weightOf(term))).toEqual({ reason: expect.stringContaining("gptq-v2 holds it") });
    expect(await roundTrip(gptqV2Writer, weightOf(term))).toEqual(valuesOf(weightOf(term)));
    const low = allocateTerm({ ...(term.layout as AffineLayout) });
    low.arrays.scale.fill(0x3c);
    low.arrays.codes.fill(0b10_01_00_01);
    const movable = weightOf(low as unknown as Term);
    expect(await roundTrip(gptqWriter, movable)).toEqual(valuesOf(movable));
  });
});

describe("config of the gptq writer", () => {
  const facts = (over: Partial<Record<string, number | boolean>> = {}): PackedWeight => ({
    tensors: [],
    facts: { bits: 4, groupSize: 128, columns: 512, isSymmetric: true, hasOrder: false, ...over },
  });

  it("states what clients need, in both files", () => {
    const { quantizationConfig, files } = gptqWriter.config(new Map([["a.weight", facts()]]), ["lm_head.weight"]);
    expect(quantizationConfig).toMatchObject({
      quant_method: "gptq",
      checkpoint_format: "gptq",
      bits: 4,
      group_size: 128,
      desc_act: false,
      sym: true,
      lm_head: false,
      pack_dtype: "int32",
    });
    expect(quantizationConfig).not.toHaveProperty("dynamic");
    expect(files!["quantize_config.json"]).toEqual(quantizationConfig);
    expect(gptqV2Writer.config(new Map(), []).quantizationConfig).toMatchObject({ checkpoint_format: "gptq_v2" });
  });

  it("lists layers that differ, and plain ones of blocks", () => {
    const packed = new Map([
      ["m.layers.0.q.weight", facts()],
      ["m.layers.0.k.weight", facts()],
      ["m.layers.0.v.weight", facts({ bits: 8, groupSize: 512, hasOrder: true, isSymmetric: false })],
      ["m.layers.0.o.weight", facts({ columns: 128 })],
    ]);
    const { quantizationConfig } = gptqWriter.config(packed, ["m.layers.1.q.weight", "m.embed_tokens.weight"]);
    expect(quantizationConfig).toMatchObject({ bits: 4, group_size: 128, sym: false, desc_act: true });
    expect(quantizationConfig["meta"]).toEqual({ quantizer: ["lowbit", "gptqmodel:0.9.0"] });
    expect(gptqV2Writer.config(packed, []).quantizationConfig["meta"]).toEqual({ quantizer: ["lowbit"] });
    expect(quantizationConfig["dynamic"]).toEqual({
      "-:^m\\.layers\\.1\\.q$": {},
      "+:^m\\.layers\\.0\\.v$": { bits: 8, group_size: -1 },
    });
  });
});
