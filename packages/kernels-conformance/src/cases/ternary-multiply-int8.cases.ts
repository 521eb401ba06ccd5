import type { KernelBackend } from "@lowbit/core/backend";
import { allocateTerm, type TernaryLayout, writeScales } from "@lowbit/core/terms";
import { expect, it } from "vitest";
import { expectSameProduct, randomInt8Activations, TOKEN_COUNTS } from "../products.js";
import { RandomData } from "../random-data.js";
import { randomTerm, SHARINGS } from "../term-cases.js";

const PACKINGS = ["two-bit", "base-3"] as const;

export function ternaryMultiplyInt8Cases(subject: () => KernelBackend, oracle: KernelBackend): void {
  it.each(PACKINGS)("gives the bits of the reference, %s", (packing) => {
    const random = new RandomData(12);
    for (const [i, sharing] of SHARINGS.entries()) {
      for (const tokens of TOKEN_COUNTS) {
        const scaleDtype = (["F16", "BF16", "F32"] as const)[i % 3]!;
        const rows = (i % 5) + 1;
        const { term } = randomTerm<TernaryLayout>(
          { kind: "ternary", rows, packing, scaleDtype, ...sharing },
          random,
          2,
        );
        expectSameProduct(
          rows,
          randomInt8Activations(tokens, sharing.columns, random),
          (x, y) => subject().ternaryMultiplyInt8(term, x, y),
          (x, y) => oracle.ternaryMultiplyInt8(term, x, y),
        );
      }
    }
  });

  it.each(PACKINGS)("gives the bits of the reference for many rows of one group, %s", (packing) => {
    const random = new RandomData(31);
    for (const [rows, tokens, granularity] of [
      [63, 3, "tensor"],
      [150, 1, "row"],
    ] as const) {
      const columns = 600;
      const layout = { kind: "ternary", rows, columns, groupSize: columns, packing, granularity } as const;
      const { term } = randomTerm<TernaryLayout>({ ...layout, scaleDtype: "F16" }, random, 2);
      expectSameProduct(
        rows,
        randomInt8Activations(tokens, columns, random),
        (x, y) => subject().ternaryMultiplyInt8(term, x, y),
        (x, y) => oracle.ternaryMultiplyInt8(term, x, y),
      );
    }
  });

  it.each(PACKINGS)("sums 4096 weights of +1 against activations of 127 to 520 192, %s", (packing) => {
    const term = allocateTerm<TernaryLayout>({
      kind: "ternary",
      rows: 1,
      columns: 4096,
      granularity: "row",
      groupSize: 4096,
      packing,
      scaleDtype: "F32",
    });
    term.arrays.digits.fill(packing === "two-bit" ? 0b10101010 : 242);
    writeScales(Float32Array.of(1), "F32", term.arrays.scale);
    const y = new Float32Array(1);
    const codes = new Int8Array(4096).fill(127);
    subject().ternaryMultiplyInt8(term, { codes, scale: Float32Array.of(1), tokens: 1, columns: 4096 }, y);
    expect(y[0]).toBe(520_192);
  });
}
