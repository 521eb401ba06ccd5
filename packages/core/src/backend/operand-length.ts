import { LowbitError } from "../errors/lowbit-error.js";

/**
 * Kernels trust sizes: every array of an op is measured before they see it.
 * @throws `backend/operand-size` unless the sizes are equal
 */
export function checkLength(what: string, found: number, expected: number): void {
  if (found !== expected) throw wrongLength(what, found, expected, `${expected} are needed`);
}

/** For arrays that may be longer than what the op uses of them. @throws `backend/operand-size` */
export function checkLeastLength(what: string, found: number, least: number): void {
  if (!(found >= least)) throw wrongLength(what, found, least, `at least ${least} are needed`);
}

function wrongLength(what: string, found: number, expected: number, needed: string): LowbitError {
  return new LowbitError("backend/operand-size", `the ${what} are ${found}; ${needed}`, { what, found, expected });
}
