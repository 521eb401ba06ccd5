import type { KernelBackend } from "@lowbit/core/backend";
import type { CodebookLayout } from "@lowbit/core/terms";
import { it } from "vitest";
import { DECODE_SHAPES, SCALE_DTYPES, sharings } from "../decode-layouts.js";
import { expectSameDecode } from "../expect-same-decode.js";

export function codebookDecodeCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])("decodes tables of 2^%d values", (bits) => {
    expectSameDecode("codebookDecode", layouts(bits), subject(), oracle);
  });
}

function* layouts(bits: number): Generator<CodebookLayout> {
  let turn = bits;
  for (const shape of DECODE_SHAPES) {
    for (const sharing of sharings(shape.columns)) {
      const scaleDtype = SCALE_DTYPES[turn++ % 3]!;
      yield { kind: "codebook", ...shape, ...sharing, bits, codebook: "random", scaleDtype };
    }
  }
}
