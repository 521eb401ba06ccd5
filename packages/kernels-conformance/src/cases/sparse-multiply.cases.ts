import type { KernelBackend } from "@lowbit/core/backend";
import { type SparseLayout, type Term, writeScales } from "@lowbit/core/terms";
import { it } from "vitest";
import { expectCloseProduct, randomActivations, TOKEN_COUNTS } from "../products.js";
import { RandomData, unaligned } from "../random-data.js";
import { someColumns, wordBytes } from "../term-cases.js";

export function sparseMultiplyCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  it.each(["U16", "U32"] as const)("is close to the reference, indices %s", (indexDtype) => {
    const random = new RandomData(19);
    for (const valueDtype of ["F16", "BF16", "F32"] as const) {
      for (const tokens of TOKEN_COUNTS) {
        const term = sparseTerm(indexDtype, valueDtype, random);
        const x = randomActivations(tokens, term.layout.columns, random);
        expectCloseProduct(
          term.layout.rows,
          2,
          x,
          (y) => subject().sparseMultiply(term, x, y),
          (y) => oracle.sparseMultiply(term, x, y),
        );
      }
    }
  });
}

/** Nine rows of 70 columns, one of them empty and one full. */
function sparseTerm(
  indexDtype: "U16" | "U32",
  valueDtype: SparseLayout["valueDtype"],
  random: RandomData,
): Term<SparseLayout> {
  const columns = 70;
  const perRow = [3, 0, columns, 1, 16, 17, 5, 2, 31];
  const indices = perRow.flatMap((count) => [...someColumns(columns, count, random)]);
  const starts = Uint32Array.of(
    0,
    ...perRow.map((_, row) => perRow.slice(0, row + 1).reduce((sum, count) => sum + count, 0)),
  );
  const values = new Uint8Array(indices.length * (valueDtype === "F32" ? 4 : 2));
  writeScales(
    Float32Array.from(indices, () => random.uniform() - 0.5),
    valueDtype,
    values,
  );
  const narrow = new Uint8Array(Uint16Array.from(indices).buffer);
  const columnIndices = indexDtype === "U32" ? wordBytes(Uint32Array.from(indices)) : unaligned(narrow, 1);
  return {
    layout: { kind: "sparse", rows: perRow.length, columns, count: indices.length, indexDtype, valueDtype },
    arrays: { rowStarts: wordBytes(starts), columnIndices, values: unaligned(values, 1) },
  };
}
