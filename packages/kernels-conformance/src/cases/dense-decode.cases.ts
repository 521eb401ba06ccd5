import type { KernelBackend } from "@lowbit/core/backend";
import type { DenseLayout, ScaleDtype } from "@lowbit/core/terms";
import { it } from "vitest";
import { DECODE_SHAPES, SCALE_DTYPES } from "../decode-layouts.js";
import { expectSameDecode } from "../expect-same-decode.js";

export function denseDecodeCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  it.each(SCALE_DTYPES)("decodes %s values of all columns and of some", (valueDtype) => {
    expectSameDecode("denseDecode", layouts(valueDtype), subject(), oracle);
  });
}

function* layouts(valueDtype: ScaleDtype): Generator<DenseLayout> {
  for (const shape of DECODE_SHAPES) {
    for (const share of [1, 0.9, 0.3]) {
      const covered = Math.ceil(shape.columns * share);
      const some = covered === shape.columns ? {} : { coveredColumns: covered };
      yield { kind: "dense", ...shape, ...some, valueDtype };
    }
  }
}
