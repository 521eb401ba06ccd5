import { describe, expect, it } from "vitest";
import { unpackCodes } from "../../bitpack/unpack-codes.js";
import type { CodebookLayout } from "../../terms/codebook.js";
import type { Term } from "../../terms/term.js";
import { normalWeights, quantizeMatrix } from "../quantize-matrix.fixture.js";
import { FP4_TABLE, fp4 } from "./fp4.js";

describe("fp4", () => {
  it("has the magnitudes and the order of codes of bitsandbytes", () => {
    const documented = [0, 0.0052083333, 0.66666667, 1, 0.33333333, 0.5, 0.16666667, 0.25];
    for (let code = 0; code < 8; code++) {
      expect(Math.abs(FP4_TABLE[code]! - documented[code]!)).toBeLessThan(1e-8 + 2 ** -25);
      expect(FP4_TABLE[code + 8]!).toBe(0 - FP4_TABLE[code]!);
    }
  });

  it("gives every value of the table its own code, and 0 the lower of its two", () => {
    const row = Float32Array.from(FP4_TABLE);
    const { terms } = quantizeMatrix(fp4, { group: 16 }, row, 16);
    const codes = new Uint8Array(16);
    unpackCodes((terms[0] as Term<CodebookLayout>).arrays.codes, 4, 16, codes);
    expect([...codes]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 0, 9, 10, 11, 12, 13, 14, 15]);
  });

  // 60 000 groups in NumPy, f64, exact scales (seed 11, ± 0.3 %).
  it.each([
    [64, 0.01487],
    [128, 0.01652],
  ])("in groups of %i has the error on normal weights that theory expects", (group, expected) => {
    const { relativeSquaredError } = quantizeMatrix(fp4, { group }, normalWeights(64 * 4096, 8), 4096);
    expect(Math.abs(relativeSquaredError / expected - 1)).toBeLessThan(0.01);
  });
});
