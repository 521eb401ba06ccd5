import { describe, expect, it } from "vitest";
import type { LowbitError } from "../../errors/lowbit-error.js";
import type { TensorData } from "../../safetensors/write-safetensors.js";
import { checkpointOf, weightValues } from "../checkpoint-of.fixture.js";
import { expectedValues, goldenCases, openGolden, roundedWeight } from "../golden-checkpoint.fixture.js";
import { recogniseWeights } from "../recognise.js";

const NAME = "model.layers.0.mlp.up_proj.weight";

describe("files of hqq", () => {
  it.each(goldenCases("hqq"))("$name", async ({ file, config, expected }) => {
    const checkpoint = await openGolden({ file, config });
    const weights = recogniseWeights(checkpoint);
    const { shape, dtype, data } = expected[NAME]!;
    expect(weights).toMatchObject([{ kind: "quantized", layout: "hqq", name: NAME, shape }]);
    const values = expectedValues({ shape, dtype, data });
    expect(await roundedWeight(checkpoint, weights[0]!, dtype)).toEqual(values);
  });

  it("axis 1 stays packed, axis 0 runs as plain values and says so", async () => {
    const weightOf = async (name: string) => {
      const golden = goldenCases("hqq").find((one) => one.name === name)!;
      return recogniseWeights(await openGolden(golden))[0]!;
    };
    expect(await weightOf("3 bits, axis 1")).toMatchObject({
      dtype: "F16",
      terms: [{ kind: "affine", bits: 3, zero: "float", groupSize: 8 }],
    });
    expect(await weightOf("groups that do not end with the row")).toMatchObject({ terms: [{ groupSize: 8 }] });
    expect(await weightOf("groups of several rows")).toMatchObject({ terms: [{ granularity: "row" }] });
    expect(await weightOf("one scale for all")).toMatchObject({ terms: [{ granularity: "tensor" }] });
    expect(await weightOf("4 bits, axis 0")).toMatchObject({
      terms: [{ kind: "dense" }],
      notes: [expect.stringContaining("axis 0")],
    });
  });
});

const text = (value: string): Uint8Array => Uint8Array.from(value, (letter) => letter.charCodeAt(0));
const int = (...values: number[]): Uint8Array => new Uint8Array(Int32Array.from(values).buffer);
const long = (...values: number[]): Uint8Array => new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer);
const tensor = (key: string, dtype: TensorData["dtype"], shape: number[], data: Uint8Array): TensorData => ({
  name: `a.${key}`,
  dtype,
  shape,
  data,
});

/** A layer [8, 4] in groups of 8 with 4 bits, made by hand. */
function layer(): TensorData[] {
  return [
    tensor(
      "W_q",
      "U8",
      [2, 8],
      Uint8Array.from({ length: 16 }, (_, i) => 17 * i),
    ),
    tensor("scale", "F16", [4, 1], new Uint8Array(Uint16Array.of(0x3c00, 0x3c00, 0x4000, 0x4000).buffer)),
    tensor("zero", "F16", [4, 1], new Uint8Array(Uint16Array.of(0, 0x3c00, 0, 0x3c00).buffer)),
    tensor("nbits", "I32", [], int(4)),
    tensor("group_size", "I32", [], int(8)),
    tensor("shape", "I64", [2], long(8, 4)),
    tensor("axis", "I32", [], int(1)),
    tensor("packing", "U8", [7], text("4bit_u8")),
    tensor("compute_dtype", "U8", [13], text("torch.float16")),
    tensor("channel_wise", "U8", [], Uint8Array.of(1)),
    tensor("quant_scale", "U8", [], Uint8Array.of(0)),
  ];
}

function changed(key: string, change: Partial<TensorData>): TensorData[] {
  return layer().map((one) => (one.name === `a.${key}` ? { ...one, ...change } : one));
}

async function problemOf(tensors: readonly TensorData[]): Promise<LowbitError> {
  try {
    await weightValues(await checkpointOf(tensors), "a.weight");
  } catch (error) {
    return error as LowbitError;
  }
  throw new Error("nothing was thrown");
}

describe("hqqLayout", () => {
  it("high nibbles are the first half of the rows, low ones the second", async () => {
    const codes = Array.from({ length: 32 }, (_, i) => i % 16);
    const expected = codes.map((code, i) => (code - (Math.floor(i / 8) % 2)) * (i < 16 ? 1 : 2));
    expect(await weightValues(await checkpointOf(layer()), "a.weight")).toEqual(expected);
    expect(recogniseWeights(await checkpointOf(layer()))).toHaveLength(1);
  });

  it("takes scale and zero from one tensor, zero first", async () => {
    const [codes, scale, zero, ...settings] = layer() as [TensorData, TensorData, TensorData, ...TensorData[]];
    const both = tensor("zero_scale", "F16", [2, 4, 1], Uint8Array.of(...zero.data, ...scale.data));
    expect(await weightValues(await checkpointOf([codes, both, ...settings]), "a.weight")).toEqual(
      await weightValues(await checkpointOf(layer()), "a.weight"),
    );
  });

  it.each(["scale", "zero", "nbits", "shape", "axis", "packing"])("misses %s", async (key) => {
    const problem = await problemOf(layer().filter(({ name }) => name !== `a.${key}`));
    expect(problem.code).toBe("layouts/missing-partner");
    expect(problem.message).toContain(`"a.${key}"`);
  });

  it.each<[string, Partial<TensorData>, string]>([
    ["packing", { shape: [6], data: text("9bit_x") }, "layouts/wrong-value"],
    ["packing", { dtype: "I8" }, "layouts/wrong-tensor"],
    ["compute_dtype", { data: text("__import__('x") }, "layouts/wrong-value"],
    ["nbits", { data: int(3) }, "layouts/wrong-value"],
    ["nbits", { dtype: "F64", data: new Uint8Array(8) }, "layouts/wrong-tensor"],
    ["nbits", { shape: [2], data: int(4, 4) }, "layouts/wrong-tensor"],
    ["axis", { data: int(2) }, "layouts/wrong-value"],
    ["group_size", { data: int(0) }, "layouts/wrong-value"],
    ["group_size", { data: int(7) }, "layouts/wrong-value"],
    ["shape", { data: long(-8, 4) }, "layouts/wrong-value"],
    ["shape", { data: long(2 ** 40, 4) }, "layouts/wrong-value"],
    ["shape", { shape: [3], data: long(8, 2, 2) }, "layouts/wrong-value"],
    ["shape", { data: long(16, 4) }, "layouts/wrong-tensor"],
    ["shape", { shape: [600], data: new Uint8Array(4800) }, "layouts/wrong-tensor"],
    ["W_q", { shape: [2, 4], data: new Uint8Array(8) }, "layouts/wrong-tensor"],
    ["W_q", { dtype: "F8_E4M3" }, "layouts/wrong-tensor"],
    ["scale", { shape: [3, 1], data: new Uint8Array(6) }, "layouts/wrong-tensor"],
    ["scale", { dtype: "I16" }, "layouts/wrong-tensor"],
    ["zero", { dtype: "BF16" }, "layouts/wrong-tensor"],
    ["quant_scale", { data: Uint8Array.of(1) }, "layouts/unread-format"],
  ])("%s with %o", async (key, change, code) => {
    const problem = await problemOf(changed(key, change));
    expect(problem.code).toBe(code);
    expect(problem.message).toContain("a");
  });

  it.each(["scale", "zero"])("a %s of infinity is an error when it is read", async (key) => {
    const [{ data }] = layer().filter(({ name }) => name === `a.${key}`) as [TensorData];
    const broken = data.slice();
    broken.set([0x00, 0x7c], broken.length - 2);
    expect(await problemOf(changed(key, { data: broken }))).toMatchObject({
      code: "layouts/wrong-value",
      facts: { tensor: `a.${key}` },
    });
  });

  it("codes above the width are an error when they are read", async () => {
    const bytes = tensor("W_q", "U8", [4, 8], new Uint8Array(32).fill(40));
    const settings = changed("nbits", { data: int(5) }).filter(({ name }) => !/W_q|packing/.test(name));
    const problem = await problemOf([bytes, tensor("packing", "U8", [7], text("8bit_u8")), ...settings]);
    expect(problem).toMatchObject({ code: "layouts/wrong-value", message: expect.stringContaining("the code 40") });
  });
});
