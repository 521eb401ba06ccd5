import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packTrits, tritByteLength, unpackTrits } from "./pack-trits.js";

const packings = ["two-bit", "base-3"] as const;

describe("packTrits", () => {
  it("places four two-bit digits in a byte, lowest bits first", () => {
    const target = new Uint8Array(2);
    packTrits(Uint8Array.of(1, 2, 0, 2, 1), "two-bit", target);
    expect([...target]).toEqual([0b10_00_10_01, 0b01]);
  });

  it("places five base-3 digits in a byte, digit i worth 3^i", () => {
    const target = new Uint8Array(2);
    packTrits(Uint8Array.of(2, 2, 2, 2, 2, 0, 1), "base-3", target);
    expect([...target]).toEqual([2 + 6 + 18 + 54 + 162, 3]);
  });

  it.each(packings)("reads back every row of digits (%s)", (packing) => {
    fc.assert(
      fc.property(fc.uint8Array({ max: 2, maxLength: 70 }), (digits) => {
        const bytes = new Uint8Array(tritByteLength(digits.length, packing));
        packTrits(digits, packing, bytes);
        const back = new Uint8Array(digits.length);
        unpackTrits(bytes, packing, back);
        expect(back).toEqual(digits);
      }),
    );
  });

  it("costs 2 and 1.6 bits a weight, each row rounded up to whole bytes", () => {
    expect(tritByteLength(20, "two-bit")).toBe(5);
    expect(tritByteLength(20, "base-3")).toBe(4);
    expect(tritByteLength(172, "base-3")).toBe(35);
    expect(tritByteLength(0, "base-3")).toBe(0);
  });
});
