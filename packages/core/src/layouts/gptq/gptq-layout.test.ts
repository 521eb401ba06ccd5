import { describe, expect, it } from "vitest";
import type { TensorData } from "../../safetensors/write-safetensors.js";
import { checkpointOf, sequence, weightValues } from "../checkpoint-of.fixture.js";
import {
  expectedValues as clientValues,
  goldenCases,
  openGolden,
  roundedWeight,
} from "../golden-checkpoint.fixture.js";
import { recogniseWeights } from "../recognise.js";
import { expectedValues, gptqTensors, type PlainOptions, plainGptq } from "./gptq-checkpoint.fixture.js";

const v1 = { quant_method: "gptq", checkpoint_format: "gptq" };
const v2 = { quant_method: "gptq", checkpoint_format: "gptq_v2" };

/** The error of reading the weight `a.weight`. */
async function problemOf(tensors: readonly TensorData[], config?: Record<string, unknown>) {
  try {
    await weightValues(await checkpointOf(tensors, config), "a.weight");
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error("nothing was thrown");
}

function layer(options: PlainOptions, subtract: 0 | 1 = 1): TensorData[] {
  return gptqTensors("a", plainGptq(options), subtract);
}

function changed(tensors: readonly TensorData[], name: string, change: Partial<TensorData>): TensorData[] {
  return tensors.map((tensor) => (tensor.name === name ? { ...tensor, ...change } : tensor));
}

describe("GPTQ stores zero minus one", () => {
  it.each([2, 3, 4, 8])("%i bits, version 1", async (bits) => {
    const plain = plainGptq({ bits });
    const checkpoint = await checkpointOf(gptqTensors("a", plain, 1), v1);
    expect(await weightValues(checkpoint, "a.weight")).toEqual(expectedValues(plain));
  });

  it.each([2, 3, 4, 8])("%i bits, version 2 stores it as it is", async (bits) => {
    const plain = plainGptq({ bits });
    const checkpoint = await checkpointOf(gptqTensors("a", plain, 0), v2);
    expect(await weightValues(checkpoint, "a.weight")).toEqual(expectedValues(plain));
  });

  it("is version 1 without a config", async () => {
    const plain = plainGptq({ bits: 4 });
    expect(await weightValues(await checkpointOf(gptqTensors("a", plain, 1)), "a.weight")).toEqual(
      expectedValues(plain),
    );
  });
});

describe("a lying label: version 1 on zeros of version 2", () => {
  const symmetric = (bits: number) => plainGptq({ bits, zero: 2 ** (bits - 1) });

  it.each([2, 3, 4, 8])("the zeros of symmetric layers of %i bits decide, and a note says so", async (bits) => {
    const plain = symmetric(bits);
    const lying = await checkpointOf(gptqTensors("a", plain, 0), v1);
    expect(await weightValues(lying, "a.weight")).toEqual(expectedValues(plain));
    expect(recogniseWeights(lying)[0]).toMatchObject({
      notes: ['checkpoint_format says "gptq", but "a.qzeros" holds zeros as they are (gptq_v2); its values count.'],
    });
    const other = await checkpointOf(gptqTensors("a", plain, 1), v2);
    expect(await weightValues(other, "a.weight")).toEqual(expectedValues(plain));
    expect(recogniseWeights(other)[0]).toMatchObject({ notes: [expect.stringContaining("minus one (gptq)")] });
  });

  it("an honest label, or none, leaves no note", async () => {
    for (const [subtract, config] of [
      [1, v1],
      [0, v2],
      [0, undefined],
    ] as const) {
      const checkpoint = await checkpointOf(gptqTensors("a", symmetric(4), subtract), config);
      expect(recogniseWeights(checkpoint)[0]).not.toHaveProperty("notes");
      expect(await weightValues(checkpoint, "a.weight")).toEqual(expectedValues(symmetric(4)));
    }
  });

  it("one symmetric layer decides for asymmetric ones", async () => {
    const plain = plainGptq({ bits: 4 });
    const tensors = [...gptqTensors("a", plain, 0), ...gptqTensors("b", symmetric(4), 0)];
    expect(await weightValues(await checkpointOf(tensors, v1), "a.weight")).toEqual(expectedValues(plain));
  });

  it("layers that tell different versions are an error", async () => {
    const tensors = [...gptqTensors("a", symmetric(4), 0), ...gptqTensors("b", symmetric(4), 1)];
    const problem = await problemOf(tensors, v1);
    expect(problem).toMatchObject({ code: "layouts/mixed-versions" });
    expect(problem.message).toContain('"a.qzeros"');
    expect(problem.message).toContain('"b.qzeros"');
  });

  it("also when the difference lies beyond what is read on opening", async () => {
    // Zeros of the first 4096 bytes are any, those of a whole layer are not.
    const tensors = [
      ...gptqTensors("a", plainGptq({ bits: 8, rows: 32, zero: 128 }), 0),
      ...gptqTensors("b", symmetric(8), 0),
    ];
    const checkpoint = await checkpointOf(tensors, v2);
    const data = tensors.find(({ name }) => name === "a.qzeros")!.data;
    const { read } = checkpoint;
    const lying = {
      ...checkpoint,
      tensors: checkpoint.tensors,
      read: async (...[tensor, offset, target]: Parameters<typeof read>) => {
        if (tensor.name === "a.qzeros") target.fill(127);
        else await read(tensor, offset, target);
      },
    };
    expect(data.every((byte) => byte === 128)).toBe(true);
    await expect(weightValues(lying, "a.weight")).rejects.toMatchObject({ code: "layouts/mixed-versions" });
  });
});

describe("files of GPTQModel", () => {
  const name = "model.layers.0.mlp.up_proj.weight";

  it.each(goldenCases("gptq"))("$name", async (golden) => {
    const checkpoint = await openGolden(golden);
    const [weight, ...others] = recogniseWeights(checkpoint);
    expect(weight).toMatchObject({ kind: "quantized", layout: "gptq", name });
    expect(others).toEqual([]);
    const expected = golden.expected[name]!;
    expect(await roundedWeight(checkpoint, weight!, expected.dtype)).toEqual(clientValues(expected));
  });
});

describe("zero point wrap", () => {
  it.each([2, 3, 4, 8])("zero 0 of version 1 is stored as all ones in %i bits", async (bits) => {
    const plain = plainGptq({ bits, zero: 0 });
    const tensors = gptqTensors("a", plain, 1);
    expect(tensors[1]!.data.every((byte) => byte === 255)).toBe(true);
    expect(await weightValues(await checkpointOf(tensors, v1), "a.weight")).toEqual(expectedValues(plain));
  });
});

describe("3-bit codes straddle words", () => {
  it("code 10 has two bits in the first word and one in the second, code 21 one and two", async () => {
    const words = new Uint32Array(3 * 32);
    words[0] = 0b01 << 30; // low bits of code 10
    words[32] = (1 << 31) | 0b1; // top bit of code 10; low bit of code 21
    words[64] = 0b11; // top bits of code 21
    const tensors = changed(layer({ bits: 3, rows: 32, columns: 32, zero: 4 }), "a.qweight", {
      data: new Uint8Array(words.buffer),
    });
    const { scales } = plainGptq({ bits: 3, rows: 32, columns: 32, zero: 4 });
    const row = (await weightValues(await checkpointOf(tensors, v1), "a.weight")).slice(0, 32);
    const codes = row.map((value) => value / scales[0]![0]! + 4);
    expect(codes[10]).toBe(0b101);
    expect(codes[21]).toBe(0b111);
    expect(codes.filter((code) => code === 0).length).toBe(30);
  });
});

describe("act-order", () => {
  const random = sequence(7);
  const shuffled = Array.from({ length: 64 }, (_, c) => Math.floor(c / 16))
    .map((group) => ({ group, key: random(1e6) }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ group }) => group);

  it.each([2, 3, 4, 8])("columns of a group lie apart, %i bits", async (bits) => {
    const plain = plainGptq({ bits, groupSize: 16, groupOf: shuffled });
    const checkpoint = await checkpointOf(gptqTensors("a", plain, 1), v1);
    expect(await weightValues(checkpoint, "a.weight")).toEqual(expectedValues(plain));
    expect(recogniseWeights(checkpoint)[0]).toMatchObject({
      terms: [{ kind: "affine", groupSize: 16 }],
      transforms: [{ kind: "permutation" }],
    });
  });

  it("groups in another order need no permutation", async () => {
    const plain = plainGptq({
      bits: 4,
      groupSize: 16,
      groupOf: Array.from({ length: 64 }, (_, c) => 3 - Math.floor(c / 16)),
    });
    const checkpoint = await checkpointOf(gptqTensors("a", plain, 1), { ...v1, desc_act: true });
    expect(recogniseWeights(checkpoint)[0]).toMatchObject({ transforms: [] });
    expect(await weightValues(checkpoint, "a.weight")).toEqual(expectedValues(plain));
  });

  it.each([
    ["a shorter group in the middle", [0, 2, 1], [24, 16, 24], 24],
    ["groups of several sizes", [0, 1, 2, 1], [8, 24, 24, 8], 8],
    ["an unused group", [0, 2, 0, 2], [16, 16, 16, 16], 32],
  ])("%s", async (_, groups, counts, groupSize) => {
    const groupOf = groups.flatMap((group, i) => Array.from({ length: counts[i]! }, () => group));
    const plain = plainGptq({ bits: 4, groupSize: 16, groupOf });
    const checkpoint = await checkpointOf(gptqTensors("a", plain, 1), v1);
    expect(await weightValues(checkpoint, "a.weight")).toEqual(expectedValues(plain));
    expect(recogniseWeights(checkpoint)[0]).toMatchObject({ terms: [{ groupSize }] });
  });

  it("a group that is not there is an error", async () => {
    for (const group of [4, -1]) {
      const groupOf = shuffled.with(5, group);
      const tensors = changed(layer({ bits: 4, groupSize: 16, groupOf: shuffled }), "a.g_idx", {
        data: new Uint8Array(Int32Array.from(groupOf).buffer),
      });
      const problem = await problemOf(tensors, v1);
      expect(problem.code).toBe("layouts/wrong-value");
      expect(problem.message).toContain(
        `"a.g_idx" of a weight that is stored as gptq puts input 5 into group ${group};`,
      );
    }
  });
});

describe("gptqLayout", () => {
  it("names the weight as the model does, with its bytes", async () => {
    const bias: TensorData = { name: "a.bias", dtype: "F16", shape: [32], data: new Uint8Array(64) };
    const weights = recogniseWeights(await checkpointOf([...layer({ bits: 4 }), bias], v1));
    expect(weights).toMatchObject([
      { kind: "plain", name: "a.bias" },
      {
        kind: "quantized",
        layout: "gptq",
        name: "a.weight",
        shape: [32, 64],
        dtype: "F16",
        byteLength: 1024 + 32 + 128 + 256,
      },
    ]);
  });

  it("takes one scale a row, and old files without g_idx", async () => {
    const plain = plainGptq({ bits: 4, groupSize: 64 });
    const tensors = gptqTensors("a", plain, 1).filter(({ name }) => !name.endsWith("g_idx"));
    const checkpoint = await checkpointOf(tensors, { ...v1, bits: 4, group_size: -1 });
    expect(recogniseWeights(checkpoint)[0]).toMatchObject({ terms: [{ granularity: "row", groupSize: 64 }] });
    expect(await weightValues(checkpoint, "a.weight")).toEqual(expectedValues(plain));
  });

  it("reads planar codes of 5, 6 and 7 bits, and of 3 under gptq_p", async () => {
    const PLANES: Record<number, number[]> = { 3: [2, 1], 5: [4, 1], 6: [4, 2], 7: [4, 2, 1] };
    for (const bits of [3, 5, 6, 7]) {
      const plain = plainGptq({ bits });
      const tensors = gptqTensors("a", plain, 0);
      const planar = (codes: readonly number[]): number[] => {
        const words: number[] = [];
        for (let begin = 0; begin < codes.length; begin += 32) {
          let shift = 0;
          for (const width of PLANES[bits]!) {
            const block = Array.from({ length: width }, () => 0);
            for (let i = 0; i < 32; i++) {
              const perWord = 32 / width;
              block[Math.floor(i / perWord)]! |=
                ((codes[begin + i]! >>> shift) & (2 ** width - 1)) << (width * (i % perWord));
            }
            words.push(...block);
            shift += width;
          }
        }
        return words;
      };
      const columns = plain.codes.map(planar);
      const qweight = Int32Array.from(columns[0]!.flatMap((_, word) => columns.map((column) => column[word]!)));
      const qzeros = Int32Array.from(plain.zeros.flatMap((group) => planar(group)));
      const stored = changed(changed(tensors, "a.qweight", { data: new Uint8Array(qweight.buffer) }), "a.qzeros", {
        data: new Uint8Array(qzeros.buffer),
      });
      const checkpoint = await checkpointOf(stored, { quant_method: "gptq", format: "gptq_p" });
      expect(await weightValues(checkpoint, "a.weight")).toEqual(expectedValues(plain));
    }
  });

  it.each(["a.qweight", "a.qzeros", "a.scales"])("misses %s", async (name) => {
    const problem = await problemOf(
      layer({ bits: 4 }).filter((tensor) => tensor.name !== name),
      v1,
    );
    expect(problem.code).toBe("layouts/missing-partner");
    expect(problem.message).toContain(name);
  });

  it.each<[string, Partial<TensorData>, string]>([
    ["a.qweight", { shape: [4, 64] }, "layouts/shapes-disagree"],
    ["a.qweight", { dtype: "U32" }, "layouts/wrong-tensor"],
    ["a.qweight", { shape: [256] }, "layouts/wrong-tensor"],
    ["a.qzeros", { shape: [4, 2] }, "layouts/shapes-disagree"],
    ["a.qzeros", { dtype: "F32" }, "layouts/wrong-tensor"],
    ["a.scales", { dtype: "I16" }, "layouts/wrong-tensor"],
    ["a.scales", { shape: [64] }, "layouts/wrong-tensor"],
    ["a.g_idx", { shape: [32], data: new Uint8Array(128) }, "layouts/shapes-disagree"],
    ["a.g_idx", { shape: [8, 8] }, "layouts/wrong-tensor"],
    ["a.g_idx", { dtype: "F32" }, "layouts/wrong-tensor"],
  ])("%s with %o", async (name, change, code) => {
    const problem = await problemOf(changed(layer({ bits: 4 }), name, change), v1);
    expect(problem.code).toBe(code);
    expect(problem.message).toContain("a.");
  });

  it.each([
    ["NaN", 0x7e00],
    ["infinity", 0x7c00],
  ])("a scale of %s", async (_, half) => {
    const scales = new Uint16Array(64).fill(0x3c00).fill(half, 60, 61);
    const tensors = changed(layer({ bits: 4 }), "a.scales", { data: new Uint8Array(scales.buffer) });
    await expect(weightValues(await checkpointOf(tensors, v1), "a.weight")).rejects.toMatchObject({
      code: "layouts/wrong-value",
      facts: { tensor: "a.scales" },
    });
  });

  it.each([
    ["a checkpoint_format of one kernel", { quant_method: "gptq", checkpoint_format: "marlin" }, []],
    ["the old sign of it", { quant_method: "gptq", is_marlin_format: true }, []],
    [
      "tensors of it",
      {},
      ["B", "s"].map((name) => ({ name: `m.${name}`, dtype: "I32", shape: [1], data: new Uint8Array(4) }) as const),
    ],
  ])("refuses %s", async (_, config, more) => {
    const problem = await problemOf([...layer({ bits: 4 }), ...more], config);
    expect(problem.code).toBe("layouts/unread-format");
    expect(problem.message).toContain("marlin");
  });
});
