import type { KernelBackend } from "@lowbit/core/backend";
import type { TernaryLayout } from "@lowbit/core/terms";
import { it } from "vitest";
import { expectCloseProduct, randomActivations, rowCount, TOKEN_COUNTS } from "../products.js";
import { RandomData } from "../random-data.js";
import { randomTerm, SHARINGS } from "../term-cases.js";

export function ternaryMultiplyCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  it.each(["two-bit", "base-3"] as const)("is close to the reference, %s", (packing) => {
    const random = new RandomData(15);
    for (const [i, sharing] of SHARINGS.entries()) {
      for (const tokens of TOKEN_COUNTS) {
        const rows = rowCount(i, tokens, sharing.columns);
        const layout: TernaryLayout = { kind: "ternary", rows, packing, scaleDtype: "F16", ...sharing };
        const { term, peak } = randomTerm(layout, random, 2);
        const x = randomActivations(tokens, sharing.columns, random);
        expectCloseProduct(
          rows,
          peak,
          x,
          (y) => subject().ternaryMultiply(term, x, y),
          (y) => oracle.ternaryMultiply(term, x, y),
        );
      }
    }
  });
}
