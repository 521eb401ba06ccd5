import type { KernelBackend } from "@lowbit/core/backend";
import { allocateTerm, type SignLayout, type Term, writeScales } from "@lowbit/core/terms";
import { expect, it } from "vitest";
import { expectCloseProduct, expectSameProduct, randomInt8Activations, tokenCount } from "../products.js";
import { RandomData } from "../random-data.js";
import { SIGN_VARIANTS, signTerm } from "../sign-terms.js";
import { SHARINGS } from "../term-cases.js";

export function signMultiplyInt8Cases(subject: () => KernelBackend, oracle: KernelBackend): void {
  it.each(SIGN_VARIANTS)("gives the products of the reference: $name", (variant) => {
    const random = new RandomData(13);
    for (const [i, sharing] of SHARINGS.entries()) {
      const { term, peak } = signTerm(variant, sharing, (i % 5) + 1, random);
      const { rows, columns } = term.layout;
      const x = randomInt8Activations(tokenCount(i), columns, random);
      if (!variant.hasColumnScale) {
        expectSameProduct(
          rows,
          x,
          (given, y) => subject().signMultiplyInt8(term, given, y),
          (given, y) => oracle.signMultiplyInt8(term, given, y),
        );
        continue;
      }
      const values = Float32Array.from(x.codes, (code, at) => code * x.scale[Math.floor(at / columns)]!);
      expectCloseProduct(
        rows,
        peak,
        { values, tokens: x.tokens, columns },
        (y) => subject().signMultiplyInt8(term, x, y),
        (y) => oracle.signMultiplyInt8(term, x, y),
      );
    }
  });

  it.each([128, 256, 512])("gives the products of the reference for whole batches of groups of %i", (groupSize) => {
    const random = new RandomData(19);
    for (const variant of SIGN_VARIANTS.slice(0, 2)) {
      for (const [rows, batches] of [
        [9, 1],
        [4, 2],
        [3, 1],
        [70, 1],
      ] as const) {
        const columns = 16 * batches * groupSize;
        const { term } = signTerm(variant, { columns, groupSize, granularity: "group" }, rows, random);
        expectSameProduct(
          rows,
          randomInt8Activations(1, columns, random),
          (given, y) => subject().signMultiplyInt8(term, given, y),
          (given, y) => oracle.signMultiplyInt8(term, given, y),
        );
      }
    }
  });

  // Kernels finish sixteen rows of each of four streams together.
  it.each([
    [63, 3],
    [64, 4],
    [150, 1],
  ])("gives the products of the reference for %i rows of one group each and %i tokens", (rows, tokens) => {
    const random = new RandomData(23);
    for (const variant of SIGN_VARIANTS.slice(0, 2)) {
      for (const granularity of ["row", "tensor"] as const) {
        const columns = 1200;
        const { term } = signTerm(variant, { columns, groupSize: columns, granularity }, rows, random);
        expectSameProduct(
          rows,
          randomInt8Activations(tokens, columns, random),
          (given, y) => subject().signMultiplyInt8(term, given, y),
          (given, y) => oracle.signMultiplyInt8(term, given, y),
        );
      }
    }
  });

  it("sums 4096 weights of +1 against activations of 127 to 520 192", () => {
    const term: Term<SignLayout> = allocateTerm<SignLayout>({
      kind: "sign",
      rows: 1,
      columns: 4096,
      granularity: "row",
      groupSize: 4096,
      zones: 1,
      hasMean: false,
      hasColumnScale: false,
      scaleDtype: "F32",
    });
    term.arrays.signs.fill(255);
    writeScales(Float32Array.of(1), "F32", term.arrays.scale);
    const y = new Float32Array(1);
    const codes = new Int8Array(4096).fill(127);
    subject().signMultiplyInt8(term, { codes, scale: Float32Array.of(1), tokens: 1, columns: 4096 }, y);
    expect(y[0]).toBe(520_192);
  });
}
