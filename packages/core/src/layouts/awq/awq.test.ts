import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../../backend/reference/reference-backend.js";
import type { TensorData } from "../../safetensors/write-safetensors.js";
import type { InputTransform } from "../../terms/input-transform.js";
import { checkpointOf, sequence, weightValues } from "../checkpoint-of.fixture.js";
import { expectedValues, goldenCases, openGolden, roundedWeight } from "../golden-checkpoint.fixture.js";
import type { WholeWeight } from "../layout-writer.js";
import { recogniseWeights } from "../recognise.js";
import { affineTerm, packed, roundTrip, valuesOf, weightOf } from "../whole-weight.fixture.js";
import { awqWriter } from "./awq-writer.js";

/** Output that each nibble of a word holds, lowest first: from the description of the format. */
const ORDER = [0, 2, 4, 6, 1, 3, 5, 7];
const ONE = 0x3c00;
const config = { quant_method: "awq", bits: 4, group_size: 32, zero_point: true, version: "gemm" };

/** A layer of `codes` [outputs][inputs] and zeros [groups][outputs], scales 1. */
function awqTensors(codes: readonly (readonly number[])[], zeros: readonly (readonly number[])[]): TensorData[] {
  const [outputs, inputs, groups] = [codes.length, codes[0]!.length, zeros.length];
  const words = (rows: number, code: (row: number, output: number) => number) =>
    Int32Array.from({ length: (rows * outputs) / 8 }, (_, at) => {
      const [row, word] = [Math.floor(at / (outputs / 8)), at % (outputs / 8)];
      return ORDER.reduce((bits, output, nibble) => bits | (code(row, 8 * word + output) << (4 * nibble)), 0);
    });
  const tensor = (name: string, dtype: "I32" | "F16", shape: number[], data: Int32Array | Uint16Array): TensorData => ({
    name: `a.${name}`,
    dtype,
    shape,
    data: new Uint8Array(data.buffer as ArrayBuffer),
  });
  return [
    tensor(
      "qweight",
      "I32",
      [inputs, outputs / 8],
      words(inputs, (i, o) => codes[o]![i]!),
    ),
    tensor(
      "qzeros",
      "I32",
      [groups, outputs / 8],
      words(groups, (g, o) => zeros[g]![o]!),
    ),
    tensor("scales", "F16", [groups, outputs], new Uint16Array(groups * outputs).fill(ONE)),
  ];
}

const random = sequence(11);
const codes = Array.from({ length: 16 }, () => Array.from({ length: 64 }, () => random(16)));
const zeros = Array.from({ length: 2 }, () => Array.from({ length: 16 }, () => random(16)));
const expected = codes.flatMap((row, o) => row.map((code, i) => code - zeros[Math.floor(i / 32)]![o]!));
const layer = awqTensors(codes, zeros);

async function codeOf(tensors: readonly TensorData[], quantization: Record<string, unknown> = config): Promise<string> {
  const checkpoint = await checkpointOf(tensors, quantization);
  try {
    recogniseWeights(checkpoint);
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    expect(message).toContain("a");
    return code;
  }
  throw new Error("nothing was thrown");
}

function changed(name: string, change: Partial<TensorData>): TensorData[] {
  return layer.map((tensor) => (tensor.name === name ? { ...tensor, ...change } : tensor));
}

describe("AWQ order", () => {
  it("nibble i of a word holds output 0 2 4 6 1 3 5 7 of its eight, in codes and zeros", async () => {
    expect(await weightValues(await checkpointOf(layer, config), "a.weight")).toEqual(expected);
    expect(await weightValues(await checkpointOf(layer), "a.weight")).toEqual(expected);
  });

  it("is written so: the word 0x75316420 is 0 1 2 3 4 5 6 7", () => {
    const term = affineTerm({ rows: 8, columns: 16, granularity: "row", groupSize: 16, zeroPoint: 0 });
    for (let row = 0; row < 8; row++) {
      const rowCodes = (term.arrays as unknown as { codes: Uint8Array }).codes.subarray(8 * row, 8 * row + 8);
      rowCodes.fill(row * 17);
    }
    const [qweight] = packed(awqWriter, weightOf(term)).tensors;
    expect(new Uint32Array(qweight!.data.slice().buffer)).toEqual(new Uint32Array(16).fill(0x75316420));
  });
});

describe("files of GPTQModel", () => {
  it.each(goldenCases("awq"))("$name", async (golden) => {
    const name = "model.layers.0.mlp.up_proj.weight";
    const checkpoint = await openGolden(golden);
    const [weight, ...others] = recogniseWeights(checkpoint);
    expect(weight).toMatchObject({ kind: "quantized", layout: "awq", name });
    expect(others).toEqual([]);
    const wanted = golden.expected[name]!;
    expect(await roundedWeight(checkpoint, weight!, wanted.dtype)).toEqual(expectedValues(wanted));
  });
});

describe("awqLayout", () => {
  it("names the weight as the model does", async () => {
    expect(recogniseWeights(await checkpointOf(layer, config))).toMatchObject([
      { kind: "quantized", layout: "awq", name: "a.weight", shape: [16, 64], dtype: "F16", byteLength: 512 + 16 + 64 },
    ]);
  });

  it("goes by shapes where the label says GPTQ", async () => {
    const checkpoint = await checkpointOf(layer, { quant_method: "gptq", bits: 4 });
    expect(await weightValues(checkpoint, "a.weight")).toEqual(expected);
  });

  it.each<[string, Partial<TensorData>, string]>([
    ["a.qweight", { dtype: "U32" }, "layouts/wrong-tensor"],
    ["a.qzeros", { shape: [1, 4] }, "layouts/wrong-tensor"],
    ["a.scales", { dtype: "I16" }, "layouts/wrong-tensor"],
    ["a.scales", { shape: [1, 32] }, "layouts/unread-format"],
  ])("%s with %o", async (name, change, code) => {
    expect(await codeOf(changed(name, change))).toBe(code);
  });

  it.each(["qweight", "qzeros", "scales"])("misses %s", async (part) => {
    expect(await codeOf(layer.filter(({ name }) => name !== `a.${part}`))).toBe("layouts/missing-partner");
  });

  it("a scale of NaN", async () => {
    const scales = new Uint16Array(32).fill(ONE).fill(0x7e00, 31);
    const tensors = changed("a.scales", { data: new Uint8Array(scales.buffer) });
    await expect(weightValues(await checkpointOf(tensors, config), "a.weight")).rejects.toMatchObject({
      code: "layouts/wrong-value",
      facts: { tensor: "a.scales" },
    });
  });

  it("a group size that does not divide the inputs must be stated", async () => {
    const tensors = awqTensors(codes, [...zeros, zeros[0]!]);
    expect(await codeOf(tensors, { ...config, group_size: 16 })).toBe("layouts/wrong-tensor");
    expect(recogniseWeights(await checkpointOf(tensors, { ...config, group_size: 24 }))[0]).toMatchObject({
      terms: [{ groupSize: 24 }],
    });
  });

  it("refuses the packing of version gemv", async () => {
    // gemv packs along inputs: [outputs, inputs/8], scales [outputs, groups].
    const gemv = changed("a.qweight", { shape: [16, 8] }).map((tensor) =>
      tensor.name === "a.scales" ? { ...tensor, shape: [16, 2] } : tensor,
    );
    expect(await codeOf(gemv, { ...config, version: "gemv" })).toBe("layouts/unread-format");
  });
});

describe("awq writer", () => {
  it.each([
    ["groups", affineTerm({})],
    ["the middle as zero", affineTerm({ zero: "midpoint" })],
    ["zeros of 0", affineTerm({ zeroPoint: 0 })],
    ["rows", affineTerm({ granularity: "row", groupSize: 64 })],
    ["two bits", affineTerm({ bits: 2 })],
    ["groups that clients do not know", affineTerm({ columns: 192, groupSize: 96 })],
  ])("%s come back to the bit", async (_, term) => {
    const weight = weightOf(term);
    expect(packed(awqWriter, weight)).not.toHaveProperty("rounded");
    expect(await roundTrip(awqWriter, weight)).toEqual(valuesOf(weight));
  });

  it.each<[string, WholeWeight, RegExp]>([
    ["8 bits", weightOf(affineTerm({ bits: 8 })), /levels from/],
    ["two terms", { ...weightOf(affineTerm({})), terms: [affineTerm({}), affineTerm({})] }, /2 terms/],
    ["outputs that fill no word", weightOf(affineTerm({ rows: 20 })), /20 outputs/],
    ["a shorter last group", weightOf(affineTerm({ columns: 72 })), /last group/],
    ["groups without a divisor", weightOf(affineTerm({ groupSize: 24 })), /groups of 24/],
    ["another name", weightOf(affineTerm({}), [], "a.in_proj"), /linear layer/],
    [
      "act-order",
      weightOf(affineTerm({}), [{ layout: { kind: "permutation", columns: 64 }, arrays: {} } as InputTransform]),
      /after permutation/,
    ],
  ])("refuses %s", (_, weight, reason) => {
    expect(awqWriter.pack(weight)).toEqual({ reason: expect.stringMatching(reason) });
  });

  it("rounds to int4 where terms do not fit, and then they do", async () => {
    const values = Float32Array.from({ length: 32 * 256 }, () => random(1000) / 500 - 1);
    const [term] = awqWriter.requantize({ values, rows: 32, columns: 256 }, "int4", createReferenceBackend());
    const weight = weightOf(term!);
    expect(packed(awqWriter, weight)).not.toHaveProperty("rounded");
    expect(await roundTrip(awqWriter, weight)).toEqual(valuesOf(weight));
  });

  it("states what clients need, and what stays plain in blocks", () => {
    const answer = packed(awqWriter, weightOf(affineTerm({})));
    const { quantizationConfig } = awqWriter.config(new Map([["m.layers.0.q.weight", answer]]), [
      "m.layers.1.q.weight",
      "m.embed_tokens.weight",
    ]);
    expect(quantizationConfig).toEqual({
      quant_method: "awq",
      bits: 4,
      group_size: 16,
      zero_point: true,
      version: "gemm",
      modules_to_not_convert: ["m.layers.1.q"],
    });
    expect(awqWriter.config(new Map(), []).quantizationConfig).toMatchObject({ modules_to_not_convert: null });
  });

  it("has one group size for the model", () => {
    const groups = packed(awqWriter, weightOf(affineTerm({})));
    const rows = packed(awqWriter, weightOf(affineTerm({ granularity: "row", groupSize: 64 })));
    const config = (...all: (typeof groups)[]) =>
      awqWriter.config(new Map(all.map((answer, i) => [`${i}.weight`, answer])), []).quantizationConfig;
    expect(() => config(groups, rows)).toThrow(expect.objectContaining({ code: "convert/does-not-fit" }));
    expect(config(rows)).toMatchObject({ group_size: -1 });
  });
});
