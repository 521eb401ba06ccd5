import { encodeFloats } from "@lowbit/core/dtype";
import { describe, expect, it } from "vitest";
import { countNotFinite } from "./count-not-finite.js";

describe("countNotFinite", () => {
  it.each(["F32", "F16", "BF16"] as const)("counts NaN and infinities of %s, nothing else", (dtype) => {
    const values = Float32Array.of(0, -0, 1, -65504, 1e-7, Number.NaN, Infinity, -Infinity, 3);
    const bytes = new Uint8Array(values.length * (dtype === "F32" ? 4 : 2));
    encodeFloats(dtype, values, bytes);
    expect(countNotFinite(dtype, bytes)).toBe(3);
  });
});
