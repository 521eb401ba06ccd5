import type { KernelBackend } from "@lowbit/core/backend";
import type { AffineLayout } from "@lowbit/core/terms";
import { it } from "vitest";
import { expectCloseProduct, randomActivations, rowCount, tokenCount } from "../products.js";
import { RandomData } from "../random-data.js";
import { randomTerm, SHARINGS } from "../term-cases.js";

export function affineMultiplyCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  it.each(["midpoint", "integer", "float", "minimum"] as const)("is close to the reference, zero %s", (zero) => {
    const random = new RandomData(14);
    for (const bits of [1, 2, 3, 4, 5, 6, 7, 8]) {
      for (const [i, sharing] of SHARINGS.entries()) {
        const scaleDtype = (["F16", "BF16", "F32"] as const)[(i + bits) % 3]!;
        const tokens = tokenCount(i + bits);
        const rows = rowCount(i, tokens, sharing.columns);
        const layout: AffineLayout = { kind: "affine", rows, bits, zero, scaleDtype, ...sharing };
        const { term, peak } = randomTerm(layout, random, 2 ** bits);
        const x = randomActivations(tokens, sharing.columns, random);
        expectCloseProduct(
          rows,
          peak,
          x,
          (y) => subject().affineMultiply(term, x, y),
          (y) => oracle.affineMultiply(term, x, y),
        );
      }
    }
  });
}
