import type { DecodeOps } from "../backend/ops/decode-ops.js";
import { runnableTerm } from "./runnable-term.js";
import type { Term } from "./term.js";
import { termKind } from "./term-kinds.js";

/**
 * `target = Σ decode(term)`, terms in their order, from +0; `target` is `[rows, columns]` of the terms.
 * Input transforms are not undone (see `foldTransforms`).
 */
export function decodeTerms(terms: readonly Term[], target: Float32Array, backend: DecodeOps): void {
  target.fill(0);
  for (const stored of terms) {
    const term = runnableTerm(stored);
    // The table pairs every kind with the op that takes its layout.
    const op = termKind(term.layout).decodeOp as "denseDecode";
    backend[op](term as Parameters<DecodeOps["denseDecode"]>[0], target);
  }
}
