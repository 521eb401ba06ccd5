import { describe, expect, it } from "vitest";
import type { TensorData } from "../../safetensors/write-safetensors.js";
import { type Change, readChanged, resized, unchanged, withBytes, without } from "../changed-golden.fixture.js";
import { goldenCases } from "../golden-checkpoint.fixture.js";

const NAME = "model.layers.0.mlp.up_proj.weight";
const cases = new Map(goldenCases("fp8").map((golden) => [golden.name, golden]));
const blocks = cases.get("blocks")!;

describe("FP8 files that are wrong", () => {
  it.each([
    ["no scale", "_scale_inv"],
    ["no codes", ".weight"],
  ])("%s", async (_, ending) => {
    await expect(readChanged(blocks, without(ending))).rejects.toMatchObject({
      code: "layouts/missing-partner",
      facts: { weight: NAME },
    });
  });

  it.each<[string, Change]>([
    ["codes of signed bytes", resized(".weight", "I8", [12, 32], 384)],
    ["codes of one axis", resized(".weight", "F8_E4M3", [384], 384)],
    ["scales of no block", resized("_scale_inv", "F32", [5, 4], 80)],
    ["scales of four axes", resized("_scale_inv", "F32", [1, 3, 4, 0], 0)],
    ["scales of integers", resized("_scale_inv", "I32", [3, 4], 48)],
  ])("%s", async (_, change) => {
    await expect(readChanged(blocks, change)).rejects.toMatchObject({ code: "layouts/wrong-tensor" });
  });

  it("blocks that reach from one expert into the next", async () => {
    const change = resized("_scale_inv", "F32", [1, 4], 16);
    await expect(readChanged(cases.get("experts")!, change)).rejects.toMatchObject({ code: "layouts/wrong-tensor" });
  });

  it.each<[string, Change]>([
    ["a code of NaN", withBytes(".weight", [0xff])],
    ["a scale of infinity", withBytes("_scale_inv", [0, 0, 0x80, 0x7f])],
  ])("%s", async (_, change) => {
    await expect(readChanged(blocks, change)).rejects.toMatchObject({ code: "layouts/wrong-value" });
  });

  it("two kinds of scales for one weight", async () => {
    const both = (tensors: readonly TensorData[]): TensorData[] => [
      ...tensors,
      { name: `${NAME}_scale`, dtype: "F32", shape: [1], data: new Uint8Array(4) },
    ];
    await expect(readChanged(blocks, both)).rejects.toMatchObject({ code: "layouts/duplicate-weight" });
  });
});

describe("FP8 blocks", () => {
  it("of 128 × 128 by default, the last ones shorter, scales as they are and as exponents", async () => {
    const [rows, columns] = [130, 200];
    const tensors = (scale: TensorData): Change => {
      const codes = new Uint8Array(rows * columns).fill(0x38); // 1
      return () => [{ name: NAME, dtype: "F8_E4M3", shape: [rows, columns], data: codes }, scale];
    };
    const floats = new Uint8Array(Float32Array.of(1, 2, 4, 8).buffer);
    const inverse = { name: `${NAME}_scale_inv`, shape: [2, 2] } as const;
    const values = await readChanged(blocks, tensors({ ...inverse, dtype: "F32", data: floats }), "no config");
    for (const [i, value] of values.entries()) {
      const [row, column] = [Math.floor(i / columns), i % columns];
      expect(value).toBe((column < 128 ? 1 : 2) * (row < 128 ? 1 : 4));
    }
    const exponents = { ...inverse, dtype: "U8", data: Uint8Array.of(127, 128, 129, 130) } as const;
    expect(await readChanged(blocks, tensors(exponents), "no config")).toEqual(values);
  });

  it("one scale for the matrix, under both names", async () => {
    const codes = { name: NAME, dtype: "F8_E4M3", shape: [2, 3], data: new Uint8Array(6).fill(0x40) } as const; // 2
    const data = new Uint8Array(Float32Array.of(0.25).buffer);
    for (const [ending, shape] of [
      ["_scale", [1]],
      ["_scale", []],
      ["_scale_inv", []],
      ["_scale_inv", [1, 1]],
    ] as const) {
      const change: Change = () => [codes, { name: `${NAME}${ending}`, dtype: "F32", shape, data }];
      const config = { quantization_config: { quant_method: "fp8" } };
      expect(await readChanged(blocks, change, config)).toEqual(Array(6).fill(0.5));
      expect(await readChanged(blocks, change, "no config")).toEqual(Array(6).fill(0.5));
    }
  });

  it("8-bit floats without scales stay plain unless config.json says that they are codes", async () => {
    const config = { torch_dtype: "bfloat16" };
    expect(await readChanged(blocks, without("_scale_inv"), config)).not.toEqual(await readChanged(blocks, unchanged));
  });
});
