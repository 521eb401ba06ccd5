import type { AffineFitOptions, KernelBackend } from "@lowbit/core/backend";
import type { AffineLayout } from "@lowbit/core/terms";
import { describe, expect, it } from "vitest";
import { RandomData, unaligned } from "../random-data.js";
import { expectSameTerm, FIT_SHAPES, granularityOf, SCALE_DTYPES } from "./fit-shapes.js";

export const ZERO_KINDS: readonly AffineLayout["zero"][] = ["midpoint", "integer", "float", "minimum"];
const BITS = [1, 2, 3, 4, 5, 6, 7, 8];

export function affineFitCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  const compare = (layout: AffineLayout, weights: Float32Array, options: AffineFitOptions) => {
    const block = { values: unaligned(weights, 4), rows: layout.rows, columns: layout.columns };
    expectSameTerm(
      layout,
      (term) => subject().affineFit(block, term, options),
      (term) => oracle.affineFit(block, term, options),
    );
  };

  describe.each(ZERO_KINDS)("zero %s", (zero) => {
    it("fits every shape", () => {
      const random = new RandomData(11);
      for (const [rows, columns, groupSize] of FIT_SHAPES) {
        for (const scaleDtype of SCALE_DTYPES) {
          const layout = affineLayout(rows, columns, groupSize, { zero, scaleDtype });
          compare(layout, random.weights(rows * columns), { includeZero: false });
        }
      }
    });

    it("fits every width, zero held or not", () => {
      const random = new RandomData(12);
      for (const bits of BITS.filter((bits) => bits > 1 || zero !== "midpoint")) {
        for (const includeZero of [false, true]) {
          const layout = affineLayout(3, 172, 32, { zero, bits });
          compare(
            layout,
            random.weights(3 * 172).map((w) => w + 0.03),
            { includeZero },
          );
        }
      }
    });

    it("fits zeros of both signs, subnormals and extremes", () => {
      const random = new RandomData(13);
      for (const scaleDtype of SCALE_DTYPES) {
        compare(affineLayout(6, 100, 7, { zero, scaleDtype }), random.oddWeights(600), { includeZero: false });
      }
    });

    it("fits groups of one value, of zeros and of values that differ in the last bit", () => {
      const values = [0, -0, 5, -5, 0.01, -1e-6, 1e-9, 3e-42, 65504, -1e30];
      const weights = Float32Array.from({ length: 16 * values.length * 2 }, (_, i) => {
        const value = values[Math.floor(i / 32)]!;
        return Math.floor(i / 16) % 2 === 1 && i % 3 === 0 ? value * (1 + 2 ** -23) : value;
      });
      for (const scaleDtype of SCALE_DTYPES) {
        compare(affineLayout(2, weights.length / 2, 16, { zero, scaleDtype }), weights, { includeZero: false });
      }
    });

    it("searches the shrunk ranges", () => {
      const random = new RandomData(14);
      for (const [bits, steps, exponent] of [
        [2, 80, 2.4],
        [4, 10, 2],
        [3, 5, 1],
      ] as const) {
        const weights = random.weights(2 * 100).map((w) => w ** 3 * 1e4);
        compare(affineLayout(2, 100, 24, { zero, bits }), weights, { includeZero: false, shrink: { steps, exponent } });
      }
    });
  });

  it("keeps 65 weights of one row apart from the next row", () => {
    const layout = affineLayout(2, 65, 65, { zero: "minimum", bits: 8, scaleDtype: "F32" });
    const weights = Float32Array.from({ length: 130 }, (_, i) => (i < 65 ? i : -i));
    compare(layout, weights, { includeZero: false });
  });

  it("refuses one scale for the whole tensor, and a midpoint of 1 bit", () => {
    const refused = [
      { ...affineLayout(1, 16, 16, { zero: "minimum" }), granularity: "tensor" as const },
      affineLayout(1, 16, 16, { zero: "midpoint", bits: 1 }),
    ];
    for (const layout of refused) {
      expect(() => compare(layout, new Float32Array(16), { includeZero: false })).toThrow(
        expect.objectContaining({ code: "backend/unsupported-layout" }),
      );
    }
  });
}

export function affineLayout(
  rows: number,
  columns: number,
  groupSize: number,
  fields: Partial<AffineLayout> & Pick<AffineLayout, "zero">,
): AffineLayout {
  return {
    kind: "affine",
    rows,
    columns,
    bits: 4,
    granularity: granularityOf(columns, groupSize),
    groupSize,
    scaleDtype: "F16",
    ...fields,
  };
}
