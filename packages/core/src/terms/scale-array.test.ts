import { describe, expect, it } from "vitest";
import { loadScale, SCALE_BYTES, storeScale } from "./scale-array.js";

const stored = (dtype: "F16" | "BF16" | "F32", value: number): number => storeScale(new Uint8Array(4), dtype, 0, value);

describe("storeScale", () => {
  it.each([
    ["F16", 1 + 2 ** -11, 1], // half way: to even
    ["F16", 1 + 3 * 2 ** -11, 1 + 2 ** -9],
    ["F16", 65519, 65504],
    ["F16", 65520, Number.POSITIVE_INFINITY],
    ["F16", 2 ** -24, 2 ** -24],
    ["F16", 2 ** -25, 0],
    ["F16", 1.5 * 2 ** -25, 2 ** -24],
    ["F16", 2 ** -14 - 2 ** -26, 2 ** -14],
    ["BF16", 1 + 2 ** -8, 1],
    ["BF16", 1 + 3 * 2 ** -8, 1 + 2 ** -6],
    ["F32", Math.fround(0.1), Math.fround(0.1)],
  ] as const)("%s: %d becomes %d", (dtype, value, expected) => {
    expect(stored(dtype, value)).toBe(expected);
    expect(stored(dtype, -value)).toBe(expected === 0 ? 0 : -expected);
  });

  it.each(["F16", "BF16", "F32"] as const)("writes no minus zero and one NaN (%s)", (dtype) => {
    const array = new Uint8Array(4);
    for (const value of [-0, dtype === "F32" ? -0 : -1e-45]) {
      storeScale(array.fill(1), dtype, 0, value);
      expect([...array.subarray(0, SCALE_BYTES[dtype])].every((byte) => byte === 0)).toBe(true);
    }
    expect(stored(dtype, Number.NaN)).toBeNaN();
  });

  it("keeps every finite F16 bit pattern", () => {
    const array = new Uint8Array(2);
    for (let bits = 1; bits < 0x7c00; bits++) {
      const value = loadScale(Uint8Array.of(bits & 255, bits >> 8), "F16", 0);
      storeScale(array, "F16", 0, value);
      if ((array[0]! | (array[1]! << 8)) !== bits) throw new Error(`pattern ${bits} changed`);
    }
    expect(array).toEqual(Uint8Array.of(0xff, 0x7b));
  });
});
