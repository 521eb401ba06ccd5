import type { Int8Activations, KernelBackend } from "@lowbit/core/backend";
import { type AffineLayout, allocateTerm, type Term, writeScales } from "@lowbit/core/terms";
import { expect, it } from "vitest";
import { expectSameProduct, randomInt8Activations, tokenCount } from "../products.js";
import { RandomData } from "../random-data.js";
import { randomTerm, SHARINGS } from "../term-cases.js";

const BITS = [1, 2, 3, 4, 5, 6, 7, 8];

export function affineMultiplyInt8Cases(subject: () => KernelBackend, oracle: KernelBackend): void {
  it.each(["midpoint", "integer", "float", "minimum"] as const)("gives the bits of the reference, zero %s", (zero) => {
    const random = new RandomData(11);
    for (const bits of BITS) {
      for (const [i, sharing] of SHARINGS.entries()) {
        const scaleDtype = (["F16", "BF16", "F32"] as const)[(i + bits) % 3]!;
        const rows = (i % 5) + 1;
        const { term } = randomTerm<AffineLayout>(
          { kind: "affine", rows, bits, zero, scaleDtype, ...sharing },
          random,
          1,
        );
        const x = randomInt8Activations(tokenCount(i + bits), sharing.columns, random);
        expectSameProduct(
          rows,
          x,
          (given, y) => subject().affineMultiplyInt8(term, given, y),
          (given, y) => oracle.affineMultiplyInt8(term, given, y),
        );
      }
    }
  });

  // Sixteen groups that fill whole registers have kernels of their own, and four rows a tile.
  it.each([1, 2, 4, 8])("gives the bits of the reference for whole batches of groups, %i bits", (bits) => {
    const random = new RandomData(17);
    for (const groupBytes of [16, 32, 64]) {
      const groupSize = (groupBytes * 8) / bits;
      for (const [rows, batches, scaleDtype] of [
        [9, 1, "F16"],
        [4, 2, "BF16"],
        [3, 1, "F32"],
        [70, 1, "F16"],
      ] as const) {
        const columns = 16 * batches * groupSize;
        const layout = { kind: "affine", rows, columns, bits, groupSize, granularity: "group", scaleDtype } as const;
        const { term } = randomTerm<AffineLayout>({ ...layout, zero: "midpoint" }, random, 1);
        expectSameProduct(
          rows,
          randomInt8Activations(1, columns, random),
          (given, y) => subject().affineMultiplyInt8(term, given, y),
          (given, y) => oracle.affineMultiplyInt8(term, given, y),
        );
      }
    }
  });

  // Kernels finish sixteen rows of each of four streams together.
  it.each(["midpoint", "integer", "float", "minimum"] as const)(
    "does so for many rows of one group, zero %s",
    (zero) => {
      const random = new RandomData(29);
      for (const bits of [1, 2, 4, 8]) {
        for (const [rows, tokens, granularity, scaleDtype] of [
          [63, 3, "row", "BF16"],
          [64, 4, "tensor", "F16"],
          [150, 1, "row", "F16"],
          [70, 2, "tensor", "F32"],
        ] as const) {
          const columns = 600;
          const { term } = randomTerm<AffineLayout>(
            { kind: "affine", rows, columns, groupSize: columns, bits, zero, granularity, scaleDtype },
            random,
            1,
          );
          expectSameProduct(
            rows,
            randomInt8Activations(tokens, columns, random),
            (given, y) => subject().affineMultiplyInt8(term, given, y),
            (given, y) => oracle.affineMultiplyInt8(term, given, y),
          );
        }
      }
    },
  );

  it.each(BITS)("sums the extremes of %i bits against ±127 exactly", (bits) => {
    for (const [code, activation] of [
      [255, 127],
      [255, -127],
      [0, 127],
    ] as const) {
      const term = constantTerm(bits, 4096, code);
      const y = new Float32Array(1);
      subject().affineMultiplyInt8(term, constantActivations(4096, activation), y);
      const level = code === 0 ? -(2 ** (bits - 1)) : 2 ** bits - 1 - 2 ** (bits - 1);
      expect(y[0]).toBe(4096 * level * activation + 0);
    }
  });

  it("sums three 2-bit planes of +1 against activations of 127 to 3 × 520 192", () => {
    // Code 3 of 2 bits is +1 around the midpoint; sums in int16, as some kernels keep them, would overflow.
    const y = new Float32Array(1);
    for (let plane = 0; plane < 3; plane++) {
      subject().affineMultiplyInt8(constantTerm(2, 4096, 255), constantActivations(4096, 127), y);
    }
    expect(y[0]).toBe(3 * 520_192);
  });

  it("refuses a group whose sum could leave int32", () => {
    const columns = 70_000;
    const y = new Float32Array(1);
    expect(() =>
      subject().affineMultiplyInt8(constantTerm(8, columns, 255), constantActivations(columns, 127), y),
    ).toThrow(expect.objectContaining({ code: "backend/group-too-long" }));
  });
}

/** One row whose packed bytes are all `byte`, scale 1. */
function constantTerm(bits: number, columns: number, byte: number): Term<AffineLayout> {
  const term = allocateTerm<AffineLayout>({
    kind: "affine",
    rows: 1,
    columns,
    bits,
    granularity: "row",
    groupSize: columns,
    zero: "midpoint",
    scaleDtype: "F32",
  });
  term.arrays.codes.fill(byte);
  writeScales(Float32Array.of(1), "F32", term.arrays.scale);
  return term;
}

function constantActivations(columns: number, code: number): Int8Activations {
  return { codes: new Int8Array(columns).fill(code), scale: Float32Array.of(1), tokens: 1, columns };
}
