import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeFloats } from "./decode-floats.js";
import { DTYPES, type FloatDtype, isFloatDtype } from "./dtype-table.js";
import { encodeFloats } from "./encode-floats.js";

const FLOATS = (Object.keys(DTYPES) as (keyof typeof DTYPES)[]).filter(isFloatDtype);

describe("encodeFloats and decodeFloats", () => {
  it("pack sub-byte elements without gaps, lowest bits first", () => {
    const f4 = new Uint8Array(2);
    encodeFloats("F4", Float32Array.of(0.5, -0.5, 6), f4); // patterns 1, 9, 7
    expect([...f4]).toEqual([0x91, 0x07]);
    const f6 = new Uint8Array(3);
    encodeFloats("F6_E2M3", Float32Array.of(0.125, 0.25, 0.375, 0.5), f6); // patterns 1, 2, 3, 4
    expect([...f6]).toEqual([0b10_000001, 0b0011_0000, 0b000100_00]);
    const back = new Float32Array(4);
    decodeFloats("F6_E2M3", f6, back);
    expect([...back]).toEqual([0.125, 0.25, 0.375, 0.5]);
  });

  it.each(FLOATS)("%s: encode of decode gives the bytes back, at any start in a buffer", (dtype: FloatDtype) => {
    const { bits } = DTYPES[dtype];
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 24, maxLength: 48 }), fc.integer({ min: 0, max: 3 }), (bytes, start) => {
        const count = Math.floor(((bytes.length - start) * 8) / bits);
        const values = new Float32Array(count);
        decodeFloats(dtype, bytes.subarray(start), values);
        if (dtype === "F64") return; // rounds
        const target = new Uint8Array(bytes.length).fill(0xaa);
        encodeFloats(dtype, values, target.subarray(start));
        const again = new Float32Array(count);
        decodeFloats(dtype, target.subarray(start), again);
        expect(again).toEqual(values);
        const whole = Math.floor((count * bits) / 8);
        if (values.every((value) => !Number.isNaN(value))) {
          expect(target.subarray(start, start + whole)).toEqual(bytes.subarray(start, start + whole));
        }
        const used = Math.ceil((count * bits) / 8);
        expect(target.subarray(start + used).every((byte) => byte === 0xaa)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it("counts what is not finite", () => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat32(0, Number.NEGATIVE_INFINITY, true);
    expect(decodeFloats("F32", bytes, new Float32Array(2))).toBe(1);
    expect(decodeFloats("F8_E4M3", Uint8Array.of(0x7f, 0xff, 0x7e), new Float32Array(3))).toBe(2);
  });

  it("rounds F64 half to even, beyond f32 to infinity", () => {
    const bytes = new Uint8Array(24);
    const view = new DataView(bytes.buffer);
    view.setFloat64(0, 1 + 2 ** -24, true);
    view.setFloat64(8, 1 + 3 * 2 ** -24, true);
    view.setFloat64(16, 1e300, true);
    const values = new Float32Array(3);
    expect(decodeFloats("F64", bytes, values)).toBe(1);
    expect([...values]).toEqual([1, 1 + 2 ** -22, Number.POSITIVE_INFINITY]);
  });

  it("keeps the sign of zero where the dtype has it", () => {
    const target = new Uint8Array(4);
    encodeFloats("F16", Float32Array.of(-0, 0), target);
    expect([...target]).toEqual([0, 0x80, 0, 0]);
  });
});
