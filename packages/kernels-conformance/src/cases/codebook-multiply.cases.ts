import type { KernelBackend } from "@lowbit/core/backend";
import type { CodebookLayout } from "@lowbit/core/terms";
import { it } from "vitest";
import { expectCloseProduct, randomActivations, rowCount, tokenCount } from "../products.js";
import { RandomData } from "../random-data.js";
import { randomTerm, SHARINGS } from "../term-cases.js";

export function codebookMultiplyCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])("is close to the reference, %i bits", (bits) => {
    const random = new RandomData(17);
    for (const [i, sharing] of SHARINGS.entries()) {
      const scaleDtype = (["F16", "BF16", "F32"] as const)[i % 3]!;
      const tokens = tokenCount(i + bits);
      const rows = rowCount(i, tokens, sharing.columns);
      const layout: CodebookLayout = { kind: "codebook", rows, bits, codebook: "random", scaleDtype, ...sharing };
      const { term, peak } = randomTerm(layout, random, 1);
      const x = randomActivations(tokens, sharing.columns, random);
      expectCloseProduct(
        rows,
        peak,
        x,
        (y) => subject().codebookMultiply(term, x, y),
        (y) => oracle.codebookMultiply(term, x, y),
      );
    }
  });
}
