import { describe, expect, it } from "vitest";
import { unpackCodes } from "../../bitpack/unpack-codes.js";
import type { AffineLayout } from "../../terms/affine.js";
import { readScales } from "../../terms/scale-array.js";
import type { Term } from "../../terms/term.js";
import { readGolden } from "../golden.fixture.js";
import { quantizeMatrix } from "../quantize-matrix.fixture.js";
import { hqq } from "./hqq.js";

interface PackageCase {
  readonly bits: number;
  /** Relative squared error of the package with its own stop: whole tensor, last iterate. */
  readonly releasedError: number;
  readonly zeroPoints: readonly number[];
  /** One hexadecimal digit a weight. */
  readonly codes: string;
}

describe("hqq beside the package hqq", () => {
  const { columns, group, weights, cases } = readGolden<PackageCase>("__golden__/hqq-package.json", import.meta.url);

  it.each(cases.map((golden) => [golden.bits, golden] as const))("at %i bits", (bits, golden) => {
    const given = { bits, group, scaleDtype: "F32" };
    const { terms, relativeSquaredError } = quantizeMatrix(hqq, given, weights, columns);
    const { arrays } = terms[0] as Term<AffineLayout>;
    const rowBytes = (columns * bits) / 8;
    let equal = 0;
    for (let row = 0; row < weights.length / columns; row++) {
      const codes = new Uint8Array(columns);
      unpackCodes(arrays.codes.subarray(row * rowBytes), bits, columns, codes);
      codes.forEach((code, c) => {
        if (code === Number.parseInt(golden.codes[row * columns + c]!, 16)) equal++;
      });
    }
    expect(equal / weights.length).toBeGreaterThanOrEqual(0.995);
    readScales(arrays.zeroPoint!, "F32").forEach((zeroPoint, i) => {
      expect(Math.abs(zeroPoint - golden.zeroPoints[i]!)).toBeLessThan(1e-4);
    });
    // The package stops all groups at once and keeps the last iterate; docs/methods/hqq.md.
    expect(relativeSquaredError).toBeLessThan(golden.releasedError);
    expect(relativeSquaredError).toBeGreaterThan(0.8 * golden.releasedError);
  });
});
