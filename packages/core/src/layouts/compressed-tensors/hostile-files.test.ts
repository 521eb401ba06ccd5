import { describe, expect, it } from "vitest";
import type { TensorData } from "../../safetensors/write-safetensors.js";
import { type Change, readChanged, resized, unchanged, withBytes, without } from "../changed-golden.fixture.js";
import { goldenCases, goldenTensors } from "../golden-checkpoint.fixture.js";

const MODULE = "model.layers.0.mlp.up_proj";
const cases = new Map(goldenCases("compressed-tensors").map((golden) => [golden.name, golden]));

const read = (name: string, change: Change, config?: Readonly<Record<string, unknown>> | "no config") =>
  readChanged(cases.get(name)!, change, config);

/** The weights of the one group of config.json with some settings changed. */
function scheme(name: string, changes: Record<string, unknown>): Record<string, unknown> {
  const config = structuredClone(cases.get(name)!.config) as {
    quantization_config: { config_groups: { group_0: { weights: Record<string, unknown> } } };
  };
  Object.assign(config.quantization_config.config_groups.group_0.weights, changes);
  return config;
}

const INT4 = "pack-quantized, 4 bits";
const INT3 = "pack-quantized, 3 bits";
const ASYMMETRIC = "pack-quantized, asymmetric, groups";
const FP8 = "float-quantized, channels";
const NVFP4 = "nvfp4-pack-quantized";

describe("compressed-tensors files that are wrong", () => {
  it.each<[string, string, Change, string]>([
    ["no scale", INT4, without(".weight_scale"), "weight_scale"],
    ["no shape", INT4, without(".weight_shape"), "weight_shape"],
    ["no zero points", ASYMMETRIC, without(".weight_zero_point"), "weight_zero_point"],
    ["no codes", INT4, without(".weight_packed"), "weight_packed"],
    ["no divisor", NVFP4, without(".weight_global_scale"), "weight_global_scale"],
    ["no scale of floats", FP8, without(".weight_scale"), "weight_scale"],
  ])("%s", async (_, name, change, part) => {
    await expect(read(name, change)).rejects.toMatchObject({
      code: "layouts/missing-partner",
      facts: { weight: `${MODULE}.weight`, tensor: `${MODULE}.${part}` },
    });
  });

  it.each<[string, string, Change, string]>([
    ["scales of other rows", INT4, resized(".weight_scale", "BF16", [19, 2], 76), "weight_scale"],
    ["scales of no group", INT4, resized(".weight_scale", "BF16", [20, 0], 0), "weight_scale"],
    ["scales of bytes", INT4, resized(".weight_scale", "U8", [20, 2], 40), "weight_scale"],
    ["codes of other rows", INT4, resized(".weight_packed", "I32", [21, 8], 672), "weight_packed"],
    ["codes of floats", INT4, resized(".weight_packed", "F32", [20, 8], 640), "weight_packed"],
    ["bytes beside scales", FP8, resized(".weight", "U8", [20, 64], 1280), "weight"],
    ["a shape of three", INT4, resized(".weight_shape", "I64", [3], 24), "weight_shape"],
    ["a shape that is too long to be one", INT4, resized(".weight_shape", "I64", [2000], 16000), "weight_shape"],
    ["a negative shape", INT4, withBytes(".weight_shape", [255, 255, 255, 255, 255, 255, 255, 255]), "weight_packed"],
    ["zero points of other groups", ASYMMETRIC, resized(".weight_zero_point", "I32", [2, 3], 24), "weight_zero_point"],
    ["halves in odd groups", NVFP4, resized(".weight_packed", "U8", [20, 31], 620), "weight_packed"],
    ["scales of other halves", NVFP4, resized(".weight_scale", "F8_E4M3", [20, 3], 60), "weight_scale"],
  ])("%s", async (_, name, change, part) => {
    await expect(read(name, change)).rejects.toMatchObject({
      code: "layouts/wrong-tensor",
      facts: { tensor: `${MODULE}.${part}` },
    });
  });

  it.each<[string, string, Change, string]>([
    ["a code of NaN", FP8, withBytes(".weight", [0x7f]), "weight"],
    ["a scale of infinity", FP8, withBytes(".weight_scale", [0x80, 0x7f]), "weight_scale"],
    ["a scale of NaN over packed integers", INT4, withBytes(".weight_scale", [0xc0, 0x7f]), "weight_scale"],
    ["an exponent of NaN", "mxfp4-pack-quantized", withBytes(".weight_scale", [255]), "weight_scale"],
    ["an E4M3 scale of NaN", NVFP4, withBytes(".weight_scale", [0x7f]), "weight_scale"],
    ["a divisor of 0", NVFP4, withBytes(".weight_global_scale", [0, 0, 0, 0]), "weight_global_scale"],
    ["a zero point out of range", ASYMMETRIC, resized(".weight_zero_point", "I8", [20, 2], 40), "weight_zero_point"],
    [
      "zero points of floats",
      FP8,
      (tensors) => [
        ...tensors,
        { name: `${MODULE}.weight_zero_point`, dtype: "I8", shape: [1], data: Uint8Array.of(3) },
      ],
      "weight_zero_point",
    ],
  ])("%s", async (_, name, change, part) => {
    const broken = (tensors: readonly TensorData[]) =>
      part === "weight_zero_point" && name === ASYMMETRIC
        ? withBytes(`.${part}`, [100])(change(tensors))
        : change(tensors);
    await expect(read(name, broken)).rejects.toMatchObject({
      code: "layouts/wrong-value",
      facts: { tensor: `${MODULE}.${part}` },
    });
  });

  it.each<[string, string, Record<string, unknown>]>([
    ["of another width", INT4, { num_bits: 5 }],
    ["of other groups", INT4, { group_size: 16 }],
    ["of one scale a row", INT4, { strategy: "channel", group_size: null }],
  ])("a config.json %s", async (_, name, changes) => {
    await expect(read(name, unchanged, scheme(name, changes))).rejects.toMatchObject({
      code: "layouts/config-contradiction",
      facts: { weight: `${MODULE}.weight` },
    });
  });

  it.each(["marlin-24", "sparse-24-bitmask", "mxfp6-pack-quantized", 7])("the format %j", async (format) => {
    const config = { quantization_config: { quant_method: "compressed-tensors", format } };
    await expect(read(INT4, unchanged, config)).rejects.toMatchObject({ code: "layouts/unread-format" });
  });

  it.each([
    ["meta", "scale_packed"],
    ["compressed", "bitmask"],
  ])("sparse tensors %s and %s", async (...parts) => {
    const sparse = (tensors: readonly TensorData[]) => [
      ...tensors,
      ...parts.map(
        (part): TensorData => ({ name: `${MODULE}.${part}`, dtype: "U8", shape: [1], data: new Uint8Array(1) }),
      ),
    ];
    await expect(read(INT4, sparse)).rejects.toMatchObject({ code: "layouts/unread-format" });
  });

  it("refuses 6-bit floats, whose tensors are those of 4 bits but for their length", async () => {
    const mx6 = resized(".weight_packed", "U8", [20, 48], 960);
    await expect(read("mxfp4-pack-quantized", mx6)).rejects.toMatchObject({ code: "layouts/unread-format" });
  });
});

describe("dense packing", () => {
  it.each([3, 5, 6, 7])("of %i bits is known by its words alone, without config.json", async (bits) => {
    const name = `pack-quantized, ${bits} bits`;
    expect(await read(name, unchanged, "no config")).toEqual(await read(name, unchanged));
  });

  it("code 10 of 3 bits straddles two words", async () => {
    const values = await read(INT3, withBytes(".weight_packed", [0, 0, 0, 0b11000000, 0b1, 0, 0, 0]));
    // 3 bits: 0 stands for −4, and bits 30 to 32 for 7 − 4.
    expect(values.slice(0, 10).every((value) => value === values[0])).toBe(true);
    expect(values[10]! / values[0]!).toBeCloseTo(3 / -4, 6);
  });
});

describe("older packing with idle bits", () => {
  const OLDER = "older packing with idle bits, 3 bits";

  it("needs the width of config.json where dense words of another width are as long", async () => {
    // 32 columns of 3 bits: 4 words of ten codes, or dense codes of 4 bits.
    const columns = 32;
    const narrow = (tensors: readonly TensorData[]) =>
      tensors.map((tensor): TensorData => {
        if (tensor.name.endsWith("packed")) return { ...tensor, shape: [20, 4], data: new Uint8Array(320).fill(0x09) };
        if (tensor.name.endsWith("shape")) {
          return { ...tensor, data: new Uint8Array(new BigInt64Array([20n, BigInt(columns)]).buffer) };
        }
        return { ...tensor, shape: [20, 1], data: new Uint8Array(40).fill(0x3f) };
      });
    const asThree = await read(OLDER, narrow);
    expect(new Set(asThree.map((value) => Math.round(value / asThree[1]!))).size).toBeGreaterThan(1);
    expect(asThree).not.toEqual(await read(OLDER, narrow, "no config"));
  });

  it("is told from dense words of the same number by its idle bits", async () => {
    // 20 columns of 3 bits are two words in both; code 10 begins word 1, or lies across both.
    const tensors = (word: number): Change => {
      return (all) =>
        all.map((tensor): TensorData => {
          if (tensor.name.endsWith("packed")) {
            const words = new Uint32Array(40).map((_, i) => (i % 2 === 0 ? word : 0b111));
            return { ...tensor, shape: [20, 2], data: new Uint8Array(words.buffer) };
          }
          if (tensor.name.endsWith("shape")) {
            return { ...tensor, data: new Uint8Array(new BigInt64Array([20n, 20n]).buffer) };
          }
          return { ...tensor, shape: [20, 1], data: new Uint8Array(40).fill(0x3f) };
        });
    };
    const config = scheme(OLDER, { strategy: "channel", group_size: null });
    const codeOf = (values: number[], i: number) => Math.round((values[i]! / values[0]!) * -4) + 4;
    const idle = await read(OLDER, tensors(0), config);
    expect([codeOf(idle, 9), codeOf(idle, 10), codeOf(idle, 11)]).toEqual([0, 7, 0]);
    const dense = await read(OLDER, tensors(0x80000000), config);
    expect([codeOf(dense, 9), codeOf(dense, 10), codeOf(dense, 11)]).toEqual([0, 6, 3]);
  });

  it("cannot be told from the words of several widths without config.json", async () => {
    const narrow = (tensors: readonly TensorData[]) =>
      tensors.map((tensor): TensorData => {
        if (tensor.name.endsWith("packed")) return { ...tensor, shape: [20, 1], data: new Uint8Array(80) };
        if (tensor.name.endsWith("shape")) {
          return { ...tensor, data: new Uint8Array(new BigInt64Array([20n, 8n]).buffer) };
        }
        return { ...tensor, shape: [20, 1], data: new Uint8Array(40).fill(0x3f) };
      });
    await expect(read(OLDER, narrow, "no config")).rejects.toMatchObject({ code: "layouts/config-needed" });
  });
});

describe("zero points are signed", () => {
  it("a stored zero point of 2^(bits − 1) is 0, that of a symmetric weight", async () => {
    const middle = (tensors: readonly TensorData[]) =>
      tensors.map((tensor): TensorData => {
        // 20 rows of 3 bits in two dense words, for two groups: 4 in every place.
        if (!tensor.name.endsWith("zero_point")) return tensor;
        const words = new Uint32Array(4);
        for (let row = 0; row < 20; row++) {
          const bit = 3 * row + 2;
          for (const group of [0, 1]) words[2 * (bit >>> 5) + group]! |= (1 << (bit & 31)) >>> 0;
        }
        return { ...tensor, data: new Uint8Array(words.buffer) };
      });
    const config = scheme(ASYMMETRIC, { symmetric: true });
    expect(await read(ASYMMETRIC, middle)).toEqual(await read(ASYMMETRIC, without(".weight_zero_point"), config));
  });

  it("bytes are signed too", async () => {
    const bytes = resized(".weight_zero_point", "I8", [20, 2], 40);
    const config = scheme(ASYMMETRIC, { symmetric: true });
    expect(await read(ASYMMETRIC, bytes)).toEqual(await read(ASYMMETRIC, without(".weight_zero_point"), config));
  });
});

describe("weight_g_idx", () => {
  const groupsOf = (groups: readonly number[]) => (tensors: readonly TensorData[]) => [
    ...tensors,
    {
      name: `${MODULE}.weight_g_idx`,
      dtype: "I32",
      shape: [64],
      data: new Uint8Array(Int32Array.from(groups).buffer),
    } as const,
  ];

  it("gives every column the scale of its group", async () => {
    const swapped = await read(INT4, groupsOf(Array.from({ length: 64 }, (_, c) => (c % 2 === 0 ? 1 : 0))));
    const plain = await read(INT4, unchanged);
    const scales = (await goldenTensors(cases.get(INT4)!)).find(({ name }) => name.endsWith("weight_scale"))!.data;
    const scale = (row: number, group: number) =>
      new Float32Array(
        Uint32Array.of((scales[4 * row + 2 * group + 1]! << 24) | (scales[4 * row + 2 * group]! << 16)).buffer,
      )[0]!;
    for (let i = 0; i < plain.length; i++) {
      const [row, column] = [Math.floor(i / 64), i % 64];
      const code = plain[i]! / scale(row, Math.floor(column / 32));
      expect(swapped[i]).toBeCloseTo(code * scale(row, column % 2 === 0 ? 1 : 0), 5);
    }
  });

  it("of −1 throughout means groups in order", async () => {
    expect(await read(INT4, groupsOf(Array(64).fill(-1)))).toEqual(await read(INT4, unchanged));
  });

  it("refuses groups of other sizes", async () => {
    await expect(read(INT4, groupsOf(Array(64).fill(0)))).rejects.toMatchObject({
      code: "layouts/wrong-value",
      facts: { tensor: `${MODULE}.weight_g_idx` },
    });
  });
});
