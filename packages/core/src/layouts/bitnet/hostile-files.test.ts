import { describe, expect, it } from "vitest";
import {
  type Change,
  readChanged,
  resized,
  unchanged,
  withBytes,
  without,
  withTensor,
} from "../changed-golden.fixture.js";
import { goldenCases } from "../golden-checkpoint.fixture.js";
import { packQuarters } from "./quarters.js";

const NAME = "model.layers.0.mlp.up_proj.weight";
const [divides, multiplies] = goldenCases("bitnet");

describe("BitNet files that are wrong", () => {
  it("no scale", async () => {
    await expect(readChanged(divides!, without("_scale"))).rejects.toMatchObject({
      code: "layouts/missing-partner",
      facts: { weight: NAME, tensor: `${NAME}_scale` },
    });
  });

  it.each<[string, Change]>([
    ["several scales", resized("_scale", "BF16", [12], 24)],
    ["a scale of bytes", resized("_scale", "U8", [1], 1)],
    ["codes of signed bytes", resized(".weight", "I8", [3, 10], 30)],
    ["codes of three axes", resized(".weight", "U8", [1, 3, 10], 30)],
    ["no rows", resized(".weight", "U8", [0, 10], 0)],
  ])("%s", async (_, change) => {
    await expect(readChanged(divides!, change)).rejects.toMatchObject({ code: "layouts/wrong-tensor" });
  });

  it.each<[string, Change, RegExp]>([
    ["a scale of 0", withBytes("_scale", [0, 0]), /holds 0; it must be above 0/],
    ["a negative scale", withBytes("_scale", [0x80, 0xbf]), /holds -1/],
    ["a scale of infinity", withBytes("_scale", [0x80, 0x7f]), /Infinity/],
    ["the code 3", withBytes(".weight", [0b11000000]), /code 3 in row 9, column 0/],
  ])("%s", async (_, change, message) => {
    await expect(readChanged(divides!, change)).rejects.toMatchObject({ code: "layouts/wrong-value", message });
  });

  it("a class of layers that is not known", async () => {
    const config = { quantization_config: { quant_method: "bitnet", linear_class: "linear" } };
    await expect(readChanged(divides!, unchanged, config)).rejects.toMatchObject({ code: "layouts/unread-format" });
  });
});

describe("BitNet quarters", () => {
  it("packed row r holds rows r, r + R, r + 2R, r + 3R, the first in the lowest bits", async () => {
    expect([...packQuarters(Uint8Array.of(0, 1, 2, 0, 1, 2, 2, 2), 8, 1)]).toEqual([0b10_01_10_00, 0b10_10_00_01]);
    const first = withTensor(".weight", ({ data }) => ({
      data: data.map((_, i) => (i === 0 ? 0b10_01_00_10 : 0b01_01_01_01)),
    }));
    const values = await readChanged(multiplies!, first);
    const scale = 0.0625;
    const expected = new Array<number>(120).fill(0);
    // Codes 2, 0, 1, 2 of packed row 0 are rows 0, 3, 6 and 9.
    [expected[0], expected[30], expected[60], expected[90]] = [scale, -scale, 0, scale];
    expect(values).toEqual(expected);
  });
});

describe("BitNet inverse scale", () => {
  it("bitlinear divides by it and autobitlinear multiplies, and without config.json neither is guessed", async () => {
    const stored = withBytes("_scale", [0x80, 0x41]); // 16
    const largest = (values: readonly number[]) => values.reduce((most, value) => Math.max(most, value), 0);
    expect(largest(await readChanged(divides!, stored))).toBe(1 / 16);
    expect(largest(await readChanged(multiplies!, stored))).toBe(16);
    const unstated = { quantization_config: { quant_method: "bitnet" } };
    expect(largest(await readChanged(multiplies!, stored, unstated))).toBe(1 / 16);
    await expect(readChanged(divides!, stored, "no config")).rejects.toMatchObject({ code: "layouts/config-needed" });
  });
});
