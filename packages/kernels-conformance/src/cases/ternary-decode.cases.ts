import type { KernelBackend } from "@lowbit/core/backend";
import type { TernaryLayout } from "@lowbit/core/terms";
import { it } from "vitest";
import { DECODE_SHAPES, SCALE_DTYPES, sharings } from "../decode-layouts.js";
import { expectSameDecode } from "../expect-same-decode.js";

export function ternaryDecodeCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  it.each(["two-bit", "base-3"] as const)("decodes %s digits, bytes that no packing writes included", (packing) => {
    expectSameDecode("ternaryDecode", layouts(packing), subject(), oracle);
  });
}

function* layouts(packing: TernaryLayout["packing"]): Generator<TernaryLayout> {
  for (const shape of DECODE_SHAPES) {
    for (const sharing of sharings(shape.columns)) {
      for (const scaleDtype of SCALE_DTYPES) yield { kind: "ternary", ...shape, ...sharing, packing, scaleDtype };
    }
  }
}
