import { checkTerm } from "../terms/check-term.js";
import type { Term } from "../terms/term.js";
import { checkLength } from "./operand-length.js";
import type { Activations, Int8Activations } from "./ops/multiply-ops.js";

/** Terms that have passed `checkTerm`: a layer multiplies the same term for every token. */
const checked = new WeakSet<object>();

/**
 * What every multiply op checks: kernels trust sizes and positions.
 * @throws `backend/operand-size`, and what `checkTerm` throws
 */
export function checkMultiply(term: Term, x: Activations | Int8Activations, y: Float32Array): void {
  if (!checked.has(term)) {
    checkTerm(term);
    checked.add(term);
  }
  const { kind, rows, columns } = term.layout;
  checkLength(`columns of the activations of a ${kind} term`, x.columns, columns);
  if ("codes" in x) checkInt8Activations(x);
  else checkActivations(x);
  checkLength(`outputs of ${x.tokens} tokens of a ${kind} term`, y.length, x.tokens * rows);
}

export function checkActivations(x: Activations): void {
  checkLength(`activations of ${x.tokens} tokens`, x.values.length, x.tokens * x.columns);
}

export function checkInt8Activations(x: Int8Activations): void {
  checkLength(`int8 activations of ${x.tokens} tokens`, x.codes.length, x.tokens * x.columns);
  checkLength("activation scales", x.scale.length, x.tokens);
}

/** The operands of `matmul`. */
export function checkMatmul(a: Float32Array, b: Float32Array, c: Float32Array, m: number, n: number, k: number): void {
  checkLength("values of the first operand", a.length, m * k);
  checkLength("values of the second operand", b.length, n * k);
  checkLength("values of the product", c.length, m * n);
}

/** Bytes in which threads share the reading of memory. */
export const BANDWIDTH_ROW = 4096;

/** Rows of a source of `readBandwidth`. */
export function bandwidthRows(source: Uint8Array): number {
  const rows = Math.ceil(source.length / BANDWIDTH_ROW);
  checkLength("bytes to read", source.length, rows * BANDWIDTH_ROW);
  return rows;
}
