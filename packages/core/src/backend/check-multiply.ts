import { LowbitError } from "../errors/lowbit-error.js";
import type { Matrix } from "../tensor/matrix.js";
import { checkTerm } from "../terms/check-term.js";
import { checkRunnable } from "../terms/runnable-term.js";
import type { Term } from "../terms/term.js";
import { checkLeastLength, checkLength } from "./operand-length.js";
import type { Activations, Int8Activations } from "./ops/multiply-ops.js";

/** Terms that have passed `checkTerm`: a layer multiplies the same term for every token. */
const checked = new WeakSet<object>();

/**
 * What every multiply op checks: kernels trust sizes and positions.
 * @throws `backend/operand-size`, `terms/stored-form`, and what `checkTerm` throws
 */
export function checkMultiply(term: Term, x: Activations | Int8Activations, y: Float32Array): void {
  if (!checked.has(term)) {
    checkTerm(term);
    checkRunnable("A product", term);
    checked.add(term);
  }
  const { kind, rows, columns } = term.layout;
  checkLength(`columns of the activations of a ${kind} term`, x.columns, columns);
  if ("codes" in x) checkInt8Activations(x);
  else checkActivations(x);
  checkLength(`outputs of ${x.tokens} tokens of a ${kind} term`, y.length, x.tokens * rows);
}

function checkActivations(x: Activations): void {
  checkLength(`activations of ${x.tokens} tokens`, x.values.length, x.tokens * x.columns);
}

function checkInt8Activations(x: Int8Activations): void {
  checkLength(`int8 activations of ${x.tokens} tokens`, x.codes.length, x.tokens * x.columns);
  checkLength("activation scales", x.scale.length, x.tokens);
}

/**
 * Activations, a target of their size, and a largest code that int8 holds.
 * @throws `backend/operand-size`, `backend/activation-range`
 */
export function checkQuantizeActivations(x: Activations, target: Int8Activations, largest: number): void {
  checkActivations(x);
  checkLength("tokens of the int8 activations", target.tokens, x.tokens);
  checkLength("columns of the int8 activations", target.columns, x.columns);
  checkInt8Activations(target);
  if (!Number.isInteger(largest) || largest < 1 || largest > 127) {
    throw new LowbitError(
      "backend/activation-range",
      `The largest code of activations is ${largest}; whole numbers 1 to 127 are allowed.`,
      { found: largest, minimum: 1, maximum: 127 },
    );
  }
}

/**
 * The operands of `matmul`: sizes that fit each other, and elements inside their arrays; those of the product in places
 * of their own.
 * @throws `backend/operand-size`, `backend/matrix-stride`
 */
export function checkMatmul(a: Matrix, b: Matrix, c: Matrix): void {
  checkLength("columns of the second operand", b.columns, a.columns);
  checkLength("rows of the product", c.rows, a.rows);
  checkLength("columns of the product", c.columns, b.rows);
  for (const [name, matrix] of Object.entries({ "first operand": a, "second operand": b, product: c })) {
    checkStrides(name, matrix);
    checkLeastLength(`values of the ${name}`, matrix.values.length, elementSpan(matrix));
  }
  if (overlapsItself(c)) {
    throw new LowbitError(
      "backend/matrix-stride",
      `Elements of the product share places: ${describe(c)}; one stride must step over all elements of the other.`,
      { rowStride: c.rowStride, columnStride: c.columnStride },
    );
  }
}

/** Kernels take sizes and strides as int32. */
const MAX_STRIDE: number = 2 ** 31 - 1;

function checkStrides(name: string, matrix: Matrix): void {
  for (const key of ["rows", "columns", "rowStride", "columnStride"] as const) {
    const found = matrix[key];
    if (Number.isInteger(found) && found >= 0 && found <= MAX_STRIDE) continue;
    throw new LowbitError(
      "backend/matrix-stride",
      `The ${name} has ${key} ${found}; whole numbers 0 to ${MAX_STRIDE} are allowed.`,
      { operand: name, field: key, found, maximum: MAX_STRIDE },
    );
  }
}

function overlapsItself({ rows, columns, rowStride, columnStride }: Matrix): boolean {
  if (rows === 0 || columns === 0) return false;
  if (rows === 1) return columns > 1 && columnStride === 0;
  if (columns === 1) return rowStride === 0;
  return rowStride <= (columns - 1) * columnStride && columnStride <= (rows - 1) * rowStride;
}

function describe({ rows, columns, rowStride, columnStride }: Matrix): string {
  return `${rows} rows ${rowStride} apart, ${columns} columns ${columnStride} apart`;
}

/** One more than the position of the last element. */
function elementSpan({ rows, columns, rowStride, columnStride }: Matrix): number {
  return rows === 0 || columns === 0 ? 0 : (rows - 1) * rowStride + (columns - 1) * columnStride + 1;
}

/** Bytes in which threads share the reading of memory. */
export const BANDWIDTH_ROW = 4096;

/** Rows of a source of `readBandwidth`. */
export function bandwidthRows(source: Uint8Array): number {
  const rows = Math.ceil(source.length / BANDWIDTH_ROW);
  checkLength("bytes to read", source.length, rows * BANDWIDTH_ROW);
  return rows;
}
