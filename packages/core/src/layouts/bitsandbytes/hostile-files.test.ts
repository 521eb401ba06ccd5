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

const NAME = "model.layers.0.mlp.up_proj.weight";
const cases = new Map(goldenCases("bitsandbytes").map((golden) => [golden.name, golden]));
const STATE = `.quant_state.bitsandbytes__nf4`;
const NESTED = "nf4, nested scales";

function withState(changes: Readonly<Record<string, unknown>>): Change {
  return withTensor(STATE, ({ data }) => {
    const state = { ...(JSON.parse(new TextDecoder().decode(data)) as object), ...changes };
    const bytes = new TextEncoder().encode(JSON.stringify(state));
    return { data: bytes, shape: [bytes.length] };
  });
}

describe("bitsandbytes files that are wrong", () => {
  it.each<[string, string, string]>([
    ["no state", "nf4", STATE],
    ["no scales", "nf4", ".absmax"],
    ["no table", "nf4", ".quant_map"],
    ["no codes", "nf4", ".weight"],
    ["no outer scales", NESTED, ".nested_absmax"],
    ["no outer table", NESTED, ".nested_quant_map"],
    ["no codes of bytes", "LLM.int8()", ".weight"],
    ["no row scales", "LLM.int8()", ".SCB"],
  ])("%s", async (_, name, ending) => {
    await expect(readChanged(cases.get(name)!, without(ending))).rejects.toMatchObject({
      code: "layouts/missing-partner",
      facts: { weight: NAME },
    });
  });

  it.each<[string, string, Change]>([
    ["fewer codes", "nf4", resized(".weight", "U8", [383, 1], 383)],
    ["fewer scales", "nf4", resized(".absmax", "F32", [11], 44)],
    ["nested scales that are floats", NESTED, resized(".absmax", "F32", [300], 1200)],
    ["a table of 8", "nf4", resized(".quant_map", "F32", [8], 32)],
    ["a state of 5000 bytes", "nf4", resized(STATE, "U8", [5000], 5000)],
    ["fewer row scales", "LLM.int8()", resized(".SCB", "F32", [5], 20)],
    ["rows of unsigned bytes", "LLM.int8()", resized(".weight", "U8", [6, 40], 240)],
    ["another shape", "nf4", withState({ shape: [7, 128] })],
    ["a shape beyond every file", "nf4", withState({ shape: [2 ** 40, 2 ** 12] })],
  ])("%s", async (_, name, change) => {
    await expect(readChanged(cases.get(name)!, change)).rejects.toMatchObject({ code: "layouts/wrong-tensor" });
  });

  it.each<[string, string, Change]>([
    ["a state that is no JSON", "nf4", withBytes(STATE, [0x5b])],
    ["a state that is no UTF-8", "nf4", withBytes(STATE, [0xff])],
    ["no shape", "nf4", withState({ shape: null })],
    ["a shape of texts", "nf4", withState({ shape: ["6", "128"] })],
    ["blocks of 0", "nf4", withState({ blocksize: 0 })],
    ["nested blocks without an offset", NESTED, withState({ nested_offset: "0" })],
    ["a scale of NaN", "nf4", withBytes(".absmax", [0, 0, 0xc0, 0x7f])],
    ["a table with infinity", "nf4", withBytes(".quant_map", [0, 0, 0x80, 0x7f])],
    ["rows in tiles", "LLM.int8()", withBytes(".weight_format", [1])],
  ])("%s", async (_, name, change) => {
    await expect(readChanged(cases.get(name)!, change)).rejects.toMatchObject({ code: "layouts/wrong-value" });
  });
});

describe("bitsandbytes nibble order", () => {
  it("the first of two neighbours is in the high half", async () => {
    const golden = cases.get("nf4")!;
    const table = new Float32Array(16).map((_, code) => code);
    const numbered: Change = (tensors) =>
      withTensor(".quant_map", () => ({ data: new Uint8Array(table.buffer) }))(
        withTensor(".absmax", () => ({ data: new Uint8Array(new Float32Array(12).fill(1).buffer) }))(
          withBytes(".weight", [0x12, 0x34])(tensors),
        ),
      );
    expect((await readChanged(golden, numbered)).slice(0, 4)).toEqual([1, 2, 3, 4]);
  });

  it("tables of the file count, not those of the type's name", async () => {
    const golden = cases.get("nf4")!;
    const halved = withTensor(".quant_map", ({ data }) => {
      const values = new Float32Array(data.slice().buffer).map((value) => value / 2);
      return { data: new Uint8Array(values.buffer) };
    });
    const whole = await readChanged(golden, unchanged);
    expect(await readChanged(golden, halved)).toEqual(whole.map((value) => value / 2));
  });
});
