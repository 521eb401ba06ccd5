import type { KernelBackend } from "@lowbit/core/backend";
import { allocateTerm, type SparseLayout, writeU32 } from "@lowbit/core/terms";
import { expect, it } from "vitest";
import { DECODE_SHAPES, SCALE_DTYPES } from "../decode-layouts.js";
import { expectSameDecode } from "../expect-same-decode.js";

export function sparseDecodeCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  it.each(["U16", "U32"] as const)("decodes %s columns, none to all of them kept", (indexDtype) => {
    expectSameDecode("sparseDecode", layouts(indexDtype), subject(), oracle);
  });

  it("refuses a column outside the matrix before it writes", () => {
    const term = allocateTerm({ kind: "sparse", rows: 1, columns: 4, count: 1, indexDtype: "U32", valueDtype: "F32" });
    writeU32([0, 1], term.arrays.rowStarts);
    writeU32([4_000_000], term.arrays.columnIndices);
    const target = new Float32Array(4);
    expect(() => subject().sparseDecode(term, target)).toThrow(
      expect.objectContaining({ code: "terms/invalid-array" }),
    );
  });
}

function* layouts(indexDtype: SparseLayout["indexDtype"]): Generator<SparseLayout> {
  for (const shape of DECODE_SHAPES) {
    for (const share of [0, 0.05, 1]) {
      const count = Math.round(shape.rows * shape.columns * share);
      for (const valueDtype of SCALE_DTYPES) yield { kind: "sparse", ...shape, count, indexDtype, valueDtype };
    }
  }
}
