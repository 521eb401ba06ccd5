import fc from "fast-check";
import { expect, it } from "vitest";
import { encodeSmallFloat, SMALL_FLOATS } from "../dtype/small-float.js";
import { f16Bits, f16Value } from "./f16-bits.js";

it("f16Bits rounds every float as encodeSmallFloat does", () => {
  fc.assert(
    fc.property(fc.float(), fc.integer({ min: -30, max: 17 }), (value, exponent) => {
      for (const float of [value, Math.fround((value % 2) * 2 ** exponent)]) {
        expect(f16Bits(float)).toBe(encodeSmallFloat(SMALL_FLOATS.F16, float));
      }
    }),
    { numRuns: 2000 },
  );
});

it("f16Bits gives back every f16 and rounds the middle between two to the even one", () => {
  for (let bits = 0; bits < 0x7c00; bits++) {
    expect(f16Bits(f16Value(bits))).toBe(bits);
    expect(f16Bits(-f16Value(bits))).toBe(bits | 0x8000);
    if (bits < 0x7bff) expect(f16Bits((f16Value(bits) + f16Value(bits + 1)) / 2)).toBe(bits + (bits & 1));
  }
});
