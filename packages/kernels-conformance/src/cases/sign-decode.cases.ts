import type { KernelBackend } from "@lowbit/core/backend";
import type { SignLayout } from "@lowbit/core/terms";
import { it } from "vitest";
import { DECODE_SHAPES, SCALE_DTYPES, sharings } from "../decode-layouts.js";
import { expectSameDecode } from "../expect-same-decode.js";

export function signDecodeCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  for (const hasMean of [false, true]) {
    for (const hasColumnScale of [false, true]) {
      const name = `${hasMean ? "with" : "without"} mean, ${hasColumnScale ? "with" : "without"} column scales`;
      it.each([1, 2, 3, 4])(`decodes %d zones ${name}`, (zones) => {
        expectSameDecode("signDecode", layouts({ zones, hasMean, hasColumnScale }), subject(), oracle);
      });
    }
  }
}

function* layouts(features: Pick<SignLayout, "zones" | "hasMean" | "hasColumnScale">): Generator<SignLayout> {
  let turn = features.zones;
  for (const shape of DECODE_SHAPES) {
    for (const sharing of sharings(shape.columns)) {
      yield { kind: "sign", ...shape, ...sharing, ...features, scaleDtype: SCALE_DTYPES[turn++ % 3]! };
    }
  }
}
