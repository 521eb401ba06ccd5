import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeTable } from "./decode-table.js";
import { DTYPES } from "./dtype-table.js";
import { decodeSmallFloat, encodeSmallFloat, SMALL_FLOATS, type SmallFloatDtype } from "./small-float.js";

const NAMES = Object.keys(SMALL_FLOATS) as SmallFloatDtype[];

/** Made by numpy and ml_dtypes: see make_small_floats.py beside it, which also states the inputs. */
const golden = JSON.parse(readFileSync(new URL("./__golden__/small-floats.json", import.meta.url), "utf8"));

const float = new Float32Array(1);
const word = new Uint32Array(float.buffer);

/** The next f32 above (step 1) or below (step −1). */
function nextFloat(value: number, step: 1 | -1): number {
  float[0] = value;
  if (value === 0) word[0] = step > 0 ? 1 : 0x80000001;
  else word[0] = word[0]! + (value > 0 ? step : -step);
  return float[0];
}

function finiteValues(dtype: SmallFloatDtype): number[] {
  const zeroSign = (value: number) => (Object.is(value, -0) ? -1 : 0);
  return [...decodeTable(dtype)].filter(Number.isFinite).sort((a, b) => a - b || zeroSign(a) - zeroSign(b));
}

function encodeInputs(dtype: SmallFloatDtype): number[] {
  const values = finiteValues(dtype);
  const inputs = [...values];
  for (let index = 1; index < values.length; index++) {
    const middle = Math.fround((values[index - 1]! + values[index]!) / 2);
    inputs.push(middle, nextFloat(middle, -1), nextFloat(middle, 1));
  }
  for (let k = 0; k < 65536; k++) {
    word[0] = k * 65536 + ((k * 40503) % 65536);
    if (!Number.isNaN(float[0])) inputs.push(float[0]!);
  }
  return dtype === "F8_E8M0" ? inputs.filter((value) => value >= 2 ** -126) : inputs;
}

describe.each(NAMES)("%s", (dtype) => {
  const format = SMALL_FLOATS[dtype];

  it("decodes every pattern as numpy and ml_dtypes do", () => {
    const table = Float32Array.from(decodeTable(dtype));
    const bits = new Uint32Array(table.buffer).map((pattern, index) =>
      Number.isNaN(table[index]) ? 0x7fc00000 : pattern,
    );
    expect(bits.length).toBe(2 ** DTYPES[dtype].bits);
    expect(sha256(bits)).toBe(golden[dtype].decode);
  });

  it("encodes values, ties and their neighbours, and a sample of all f32 as numpy and ml_dtypes do", () => {
    const inputs = encodeInputs(dtype);
    expect(inputs.length).toBe(golden[dtype].inputs);
    expect(sha256(Uint16Array.from(inputs, (value) => encodeSmallFloat(format, value)))).toBe(golden[dtype].encode);
  });

  it("gives every pattern back, NaN apart", () => {
    for (let pattern = 0; pattern < 2 ** DTYPES[dtype].bits; pattern++) {
      const value = decodeSmallFloat(format, pattern);
      if (Number.isNaN(value)) expect(decodeSmallFloat(format, encodeSmallFloat(format, value))).toBeNaN();
      else if (encodeSmallFloat(format, value) !== pattern) expect.fail(`pattern ${pattern} of ${dtype}`);
    }
  });

  it("is ascending in magnitude, so that no two patterns mean the same", () => {
    const values = finiteValues(dtype);
    expect(new Set(values.map((value) => (Object.is(value, -0) ? "-0" : value))).size).toBe(values.length);
  });
});

describe("overflow and NaN", () => {
  const encode = (dtype: SmallFloatDtype, value: number) => encodeSmallFloat(SMALL_FLOATS[dtype], value);
  const INF = Number.POSITIVE_INFINITY;

  it.each<[SmallFloatDtype, number, number]>([
    ["F16", 65519, 0x7bff],
    ["F16", 65520, 0x7c00],
    ["F16", -INF, 0xfc00],
    ["F16", Number.NaN, 0x7e00],
    ["BF16", 3.4028234663852886e38, 0x7f80],
    ["BF16", Number.NaN, 0x7fc0],
    ["F8_E5M2", 61439, 0x7b],
    ["F8_E5M2", 61440, 0x7c],
    ["F8_E5M2", Number.NaN, 0x7e],
    ["F8_E4M3", 464, 0x7e],
    ["F8_E4M3", 465, 0x7f],
    ["F8_E4M3", -INF, 0xff],
    ["F8_E4M3", Number.NaN, 0x7f],
    ["F8_E4M3FNUZ", 247, 0x7f],
    ["F8_E4M3FNUZ", 248, 0x80],
    ["F8_E4M3FNUZ", -0, 0],
    ["F8_E4M3FNUZ", -1e-9, 0],
    ["F8_E5M2FNUZ", Number.NaN, 0x80],
    ["F6_E2M3", 1e30, 0x1f],
    ["F6_E2M3", -INF, 0x3f],
    ["F6_E3M2", Number.NaN, 0x20],
    ["F4", 7, 0x7],
    ["F4", -100, 0xf],
    ["F4", Number.NaN, 0x8],
    ["F8_E8M0", 0, 0],
    ["F8_E8M0", 1e-45, 0],
    ["F8_E8M0", 2 ** -127, 0],
    ["F8_E8M0", 1.25 * 2 ** -127, 0],
    ["F8_E8M0", 1.5 * 2 ** -127, 1],
    ["F8_E8M0", 1.5, 128],
    ["F8_E8M0", -1, 0xff],
    ["F8_E8M0", INF, 0xff],
    ["F8_E8M0", 3e38, 0xff],
    ["F8_E8M0", Number.NaN, 0xff],
  ])("%s of %d is %i", (dtype, value, pattern) => {
    expect(encode(dtype, value)).toBe(pattern);
  });
});

function sha256(array: Uint16Array | Uint32Array): string {
  return createHash("sha256").update(new Uint8Array(array.buffer)).digest("hex");
}
