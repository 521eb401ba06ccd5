import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packCodes, packedByteLength, unpackCodes } from "./index.js";

function packed(codes: readonly number[], bits: number): Uint8Array {
  const target = new Uint8Array(packedByteLength(codes.length, bits)).fill(0xff);
  packCodes(Uint8Array.from(codes), bits, target);
  return target;
}

describe("packCodes", () => {
  it("puts the first code into the lowest bits", () => {
    expect([...packed([1, 2], 4)]).toEqual([0x21]);
    expect([...packed([1, 0, 0, 0, 0, 0, 0, 1, 1], 1)]).toEqual([0x81, 0x01]);
    expect([...packed([3, 2, 1, 0], 2)]).toEqual([0b00_01_10_11]);
  });

  it("lets a 3-bit code cross a byte and clears the bits after the last code", () => {
    // 7 | 5 << 3 | 6 << 6 = 0b110_101_111: low byte 0b10101111, then the top bit of 6.
    expect([...packed([7, 5, 6], 3)]).toEqual([0b10101111, 0b1]);
  });

  it("is the little-endian integer Σ code · 2^(i·bits)", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(fc.nat(255), { maxLength: 70 }), (bits, raw) => {
        const codes = raw.map((code) => code & ((1 << bits) - 1));
        const integer = codes.reduce((sum, code, i) => sum + (BigInt(code) << BigInt(i * bits)), 0n);
        const bytes = Array.from({ length: packedByteLength(codes.length, bits) }, (_, i) =>
          Number((integer >> BigInt(8 * i)) & 0xffn),
        );
        expect([...packed(codes, bits)]).toEqual(bytes);
      }),
    );
  });
});

describe("unpackCodes", () => {
  it("gives back what packCodes took, for every width and length", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.uint8Array({ maxLength: 100 }), (bits, raw) => {
        const codes = raw.map((code) => code & ((1 << bits) - 1));
        const bytes = new Uint8Array(packedByteLength(codes.length, bits));
        packCodes(codes, bits, bytes);
        const target = new Uint8Array(codes.length);
        unpackCodes(bytes, bits, codes.length, target);
        expect(target).toEqual(codes);
      }),
    );
  });
});
