import { LowbitError } from "../errors/lowbit-error.js";
import { checkTerm } from "./check-term.js";
import { checkRunnable } from "./runnable-term.js";
import type { Term } from "./term.js";

/**
 * What every decode op checks before it writes: kernels trust sizes and positions.
 * @throws `terms/target-size`, `terms/stored-form`, and what `checkTerm` throws
 */
export function checkDecode(term: Term, target: Float32Array): void {
  checkTerm(term);
  checkRunnable("Decoding", term);
  const { kind, rows, columns } = term.layout;
  if (target.length === rows * columns) return;
  throw new LowbitError(
    "terms/target-size",
    `The ${kind} term of ${rows} × ${columns} weights is decoded into ${target.length} floats; it takes ${rows * columns}.`,
    { kind, found: target.length, expected: rows * columns },
  );
}
