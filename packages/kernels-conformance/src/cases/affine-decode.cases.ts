import type { KernelBackend } from "@lowbit/core/backend";
import type { AffineLayout } from "@lowbit/core/terms";
import { it } from "vitest";
import { DECODE_SHAPES, SCALE_DTYPES, sharings } from "../decode-layouts.js";
import { expectSameDecode } from "../expect-same-decode.js";

export function affineDecodeCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  for (const zero of ["midpoint", "integer", "float", "minimum"] as const) {
    it.each([1, 2, 3, 4, 5, 6, 7, 8])(`decodes %d bits, ${zero} zero`, (bits) => {
      expectSameDecode("affineDecode", layouts(bits, zero), subject(), oracle);
    });
  }
}

function* layouts(bits: number, zero: AffineLayout["zero"]): Generator<AffineLayout> {
  let turn = bits;
  for (const shape of DECODE_SHAPES) {
    for (const sharing of sharings(shape.columns)) {
      yield { kind: "affine", ...shape, ...sharing, bits, zero, scaleDtype: SCALE_DTYPES[turn++ % 3]! };
    }
  }
}
