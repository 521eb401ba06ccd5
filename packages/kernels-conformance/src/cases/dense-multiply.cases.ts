import type { KernelBackend } from "@lowbit/core/backend";
import type { DenseLayout } from "@lowbit/core/terms";
import { it } from "vitest";
import { expectCloseProduct, randomActivations, rowCount, tokenCount } from "../products.js";
import { ODD_LENGTHS, RandomData } from "../random-data.js";
import { randomTerm, someColumns, wordBytes } from "../term-cases.js";

export function denseMultiplyCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  it.each(["F16", "BF16", "F32"] as const)("is close to the reference, %s", (valueDtype) => {
    const random = new RandomData(18);
    for (const covered of ODD_LENGTHS.filter((length) => length > 0)) {
      for (const partial of [false, true]) {
        const tokens = tokenCount(covered);
        const rows = rowCount(covered, tokens, covered);
        const columns = partial ? covered + 3 : covered;
        const layout: DenseLayout = {
          kind: "dense",
          rows,
          columns,
          valueDtype,
          ...(partial && { coveredColumns: covered }),
        };
        const made = randomTerm(layout, random, 1);
        const arrays = partial
          ? { ...made.term.arrays, columns: wordBytes(someColumns(columns, covered, random)) }
          : made.term.arrays;
        const term = { layout, arrays };
        const x = randomActivations(tokens, columns, random);
        expectCloseProduct(
          rows,
          made.peak,
          x,
          (y) => subject().denseMultiply(term, x, y),
          (y) => oracle.denseMultiply(term, x, y),
        );
      }
    }
  });
}
