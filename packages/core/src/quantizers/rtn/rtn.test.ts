import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unpackCodes } from "../../bitpack/unpack-codes.js";
import type { AffineLayout } from "../../terms/affine.js";
import { readScales } from "../../terms/scale-array.js";
import type { Term } from "../../terms/term.js";
import { normalWeights, quantizeMatrix } from "../quantize-matrix.fixture.js";
import { resolveOptions } from "../resolve-options.js";
import { rtn } from "./rtn.js";

const ZEROS = ["symmetric", "integer", "float", "minimum"] as const;

function affine(terms: readonly Term[]): Term<AffineLayout> {
  return terms[0] as Term<AffineLayout>;
}

describe("rtn beside PyTorch", () => {
  interface GoldenCase {
    readonly bits: number;
    readonly zero: "midpoint" | "integer";
    readonly group: number;
    readonly columns: number;
    readonly weights: readonly number[];
    readonly decoded: readonly number[];
  }
  const golden = JSON.parse(readFileSync(new URL("__golden__/fake-quantize.json", import.meta.url), "utf8")) as {
    readonly cases: readonly GoldenCase[];
  };

  it.each(golden.cases.map((it) => [it.bits, it.zero, it] as const))(
    "gives the values of fake_quantize at %i bits, zero %s",
    (bits, zero, { group, columns, weights, decoded }) => {
      const options = { bits, zero: zero === "midpoint" ? "symmetric" : zero, group };
      expect(quantizeMatrix(rtn, options, Float32Array.from(weights), columns).decoded).toEqual(
        Float32Array.from(decoded),
      );
    },
  );
});

describe("rtn on normal weights", () => {
  const weights = normalWeights(64 * 4096, 1);

  // Relative squared error with groups of 64: 60 000 groups in NumPy, f64, exact scales (seed 11, ± 0.3 %).
  it.each([
    [2, "integer", 0.2084],
    [3, "integer", 0.03806],
    [4, "integer", 0.008278],
    [2, "symmetric", 0.5139],
    [3, "symmetric", 0.06304],
    [4, "symmetric", 0.01156],
    [2, "minimum", 0.2021],
    [3, "minimum", 0.03693],
    [4, "minimum", 0.008027],
    [2, "float", 0.2021],
    [4, "float", 0.008027],
  ] as const)("at %i bits, zero %s, has the error that theory expects", (bits, zero, expected) => {
    const { relativeSquaredError } = quantizeMatrix(rtn, { bits, zero }, weights, 4096);
    expect(Math.abs(relativeSquaredError / expected - 1)).toBeLessThan(0.01);
  });

  it("at 8 bits a row leaves the noise of a uniform grid, scale² / 12", () => {
    const { terms, decoded } = quantizeMatrix(
      rtn,
      { bits: 8, group: "row", scaleDtype: "F32", zero: "minimum" },
      weights,
      4096,
    );
    const scales = readScales(affine(terms).arrays.scale, "F32");
    const noise = weights.reduce((sum, w, i) => sum + (w - decoded[i]!) ** 2, 0) / weights.length;
    const expected = scales.reduce((sum, scale) => sum + scale ** 2 / 12, 0) / scales.length;
    expect(Math.abs(noise / expected - 1)).toBeLessThan(0.01);
  });

  it("loses less with the shrink search at 2 and 3 bits", () => {
    const few = weights.subarray(0, 8 * 1024);
    for (const bits of [2, 3]) {
      for (const zero of ZEROS) {
        const plain = quantizeMatrix(rtn, { bits, zero }, few, 1024).relativeSquaredError;
        const search = { bits, zero, shrink: 60, shrinkExponent: 2 };
        expect(quantizeMatrix(rtn, search, few, 1024).relativeSquaredError).toBeLessThan(plain);
      }
    }
  });

  it("with one scale a tensor equals one scale a row where all rows have the same range", () => {
    const row = weights.slice(0, 512);
    const same = new Float32Array(3 * 512);
    for (const start of [0, 512, 1024]) same.set(row, start);
    for (const zero of ZEROS) {
      const tensor = quantizeMatrix(rtn, { zero, group: "tensor" }, same, 512);
      expect(tensor.decoded).toEqual(quantizeMatrix(rtn, { zero, group: "row" }, same, 512).decoded);
      expect(affine(tensor.terms).arrays.scale.byteLength).toBe(2);
    }
  });

  it("with one scale a tensor covers the largest weight of any row", () => {
    const spread = weights.slice(0, 2048).map((w, i) => w * (1 + Math.floor(i / 512)));
    const { decoded } = quantizeMatrix(
      rtn,
      { zero: "minimum", bits: 8, group: "tensor", scaleDtype: "F32" },
      spread,
      512,
    );
    const step = (Math.max(...spread) - Math.min(...spread)) / 255;
    spread.forEach((w, i) => {
      expect(Math.abs(w - decoded[i]!)).toBeLessThanOrEqual(step * 0.5001);
    });
  });
});

describe("rtn on groups of one value", () => {
  const constants = [0, 0.02, -0.02, 5, -5, 1e-3, -1e-7, 60000, -1];

  it.each(ZEROS)("decodes to nearly that value with zero %s", (zero) => {
    for (const bits of zero === "symmetric" ? [2, 4, 8] : [1, 2, 4, 8]) {
      for (const scaleDtype of ["F16", "BF16", "F32"]) {
        const weights = Float32Array.from({ length: constants.length * 16 }, (_, i) => constants[Math.floor(i / 16)]!);
        const { decoded } = quantizeMatrix(rtn, { bits, zero, group: 16, scaleDtype }, weights, weights.length);
        // One rounding of the scale, one of the zero point; F16 counts in 2^-24 near 0, up to 255 of them a code.
        const relative = scaleDtype === "BF16" ? 2 ** -7 : 2 ** -10;
        const absolute = scaleDtype === "F16" ? 2 ** -25 * (2 ** bits - 1) : 0;
        weights.forEach((w, i) => {
          expect(Math.abs(w - decoded[i]!)).toBeLessThanOrEqual(Math.abs(w) * relative + absolute);
        });
      }
    }
  });

  it.each(ZEROS)("has no NaN where scales underflow to 0 with zero %s", (zero) => {
    const weights = normalWeights(64, 2).map((w) => w * 1e-12);
    const { decoded } = quantizeMatrix(rtn, { zero, group: 16 }, weights, 64);
    for (const value of decoded) expect(Math.abs(value)).toBeLessThan(1e-7);
  });
});

describe("rtn on any weights", () => {
  const finite = fc.float({ min: -1000, max: 1000, noNaN: true });
  const matrix = fc.array(finite, { minLength: 1, maxLength: 100 });

  it("keeps every value within half a step of its weight", () => {
    fc.assert(
      fc.property(matrix, fc.integer({ min: 2, max: 8 }), fc.constantFrom(...ZEROS), (raw, bits, zero) => {
        const weights = Float32Array.from(raw);
        const { terms, decoded } = quantizeMatrix(
          rtn,
          { bits, zero, group: 7, scaleDtype: "F32" },
          weights,
          raw.length,
        );
        const scales = readScales(affine(terms).arrays.scale, "F32");
        weights.forEach((w, i) => {
          const step = scales[Math.floor(i / 7)]!;
          // Half a step for the code and, with an integer zero point, half a step at an end of the range.
          const allowed = step * (zero === "integer" ? 1 : 0.5);
          // Scales below 2^-128 have no finite reciprocal and stand for 0: weights of up to 255 such steps become 0.
          const rounding = 1e-5 * Math.max(...weights.map(Math.abs)) + 255 * 2 ** -128;
          expect(Math.abs(w - decoded[i]!)).toBeLessThanOrEqual(allowed + rounding);
        });
      }),
    );
  });

  it("uses codes within their range, and zero points of as many bits", () => {
    fc.assert(
      fc.property(matrix, fc.integer({ min: 1, max: 8 }), (raw, bits) => {
        const { terms } = quantizeMatrix(rtn, { bits, zero: "integer", group: 5 }, Float32Array.from(raw), raw.length);
        const { arrays } = affine(terms);
        const codes = new Uint8Array(raw.length);
        unpackCodes(arrays.codes, bits, raw.length, codes);
        expect(Math.max(...codes)).toBeLessThan(2 ** bits);
        const groups = Math.ceil(raw.length / 5);
        const unused = arrays.zeroPoint!.byteLength * 8 - groups * bits;
        expect(arrays.zeroPoint!.at(-1)! >> (8 - unused)).toBe(0);
      }),
    );
  });
});

describe("the options of rtn", () => {
  it.each([
    { zero: "symmetric", bits: 1 },
    { zero: "symmetric", includeZero: true },
    { group: "tensor", shrink: 10 },
    { shrinkExponent: 2 },
  ])("refuses %j", (given) => {
    expect(() => resolveOptions(rtn, given)).toThrow(expect.objectContaining({ code: "options/conflict" }));
  });
});
