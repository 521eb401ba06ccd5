import type { KernelBackend } from "@lowbit/core/backend";
import { it } from "vitest";
import { expectCloseProduct, randomActivations, rowCount, tokenCount } from "../products.js";
import { RandomData } from "../random-data.js";
import { SIGN_VARIANTS, signTerm } from "../sign-terms.js";
import { SHARINGS } from "../term-cases.js";

export function signMultiplyCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  it.each(SIGN_VARIANTS)("is close to the reference: $name", (variant) => {
    const random = new RandomData(16);
    for (const [i, sharing] of SHARINGS.entries()) {
      const tokens = tokenCount(i);
      const { term, peak } = signTerm(variant, sharing, rowCount(i, tokens, sharing.columns), random);
      const x = randomActivations(tokens, term.layout.columns, random);
      expectCloseProduct(
        term.layout.rows,
        peak,
        x,
        (y) => subject().signMultiply(term, x, y),
        (y) => oracle.signMultiply(term, x, y),
      );
    }
  });
}
