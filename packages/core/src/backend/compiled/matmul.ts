import { type Matrix, transposed } from "../../tensor/matrix.js";
import { checkMatmul } from "../check-multiply.js";
import { type KernelCaller, output } from "./kernel-caller.js";
import { PANEL_COLUMNS, PANEL_ROWS, packOperand } from "./packed-operand.js";

/** Against fewer rows than this, packing the other operand costs more than it saves (measured with AVX2 and AVX-512). */
const PACKED_LEAST = 32;

export function matmul(kernels: KernelCaller, a: Matrix, b: Matrix, c: Matrix, accumulate = false): void {
  checkMatmul(a, b, c);
  if (c.rows === 0 || c.columns === 0) return;
  const add = accumulate ? 1 : 0;
  // Registers run along the columns of c, so these should be the ones that lie side by side.
  if (c.columnStride <= c.rowStride) multiply(kernels, a, b, c, add);
  else multiply(kernels, b, a, transposed(c), add);
}

function multiply(kernels: KernelCaller, a: Matrix, b: Matrix, c: Matrix, add: number): void {
  const isLong = a.columnStride === 1 && b.columnStride === 1;
  if (isLong && Math.min(a.rows, b.rows) < PACKED_LEAST) multiplyFew(kernels, a, b, c, add);
  else if (a.rows >= b.rows) multiplyRows(kernels, a, b, c, add);
  else multiplyColumns(kernels, a, b, c, add);
}

/** Threads divide the rows of the kernel's first operand, so the longer one goes there. */
function multiplyFew(kernels: KernelCaller, a: Matrix, b: Matrix, c: Matrix, add: number): void {
  const [left, right, target] = a.rows >= b.rows ? [a, b, c] : [b, a, transposed(c)];
  kernels.call(
    "matmul_few",
    0,
    left.rows,
    left.values,
    left.rowStride,
    right.values,
    right.rowStride,
    output(target.values),
    target.rowStride,
    target.columnStride,
    right.rows,
    left.columns,
    add,
  );
}

/** Threads divide the rows of a; b is packed. */
function multiplyRows(kernels: KernelCaller, a: Matrix, b: Matrix, c: Matrix, add: number): void {
  for (const { begin, rows, panels } of packOperand(kernels, b, "right")) {
    kernels.call(
      "matmul_rows",
      0,
      Math.ceil(a.rows / PANEL_ROWS),
      a.values,
      a.rowStride,
      a.columnStride,
      panels(),
      output(c.values.subarray(begin * c.columnStride)),
      c.rowStride,
      c.columnStride,
      a.rows,
      rows,
      a.columns,
      add,
    );
  }
}

/** Threads divide the rows of b; a is packed. */
function multiplyColumns(kernels: KernelCaller, a: Matrix, b: Matrix, c: Matrix, add: number): void {
  for (const { begin, rows, panels } of packOperand(kernels, a, "left")) {
    kernels.call(
      "matmul_columns",
      0,
      Math.ceil(b.rows / PANEL_COLUMNS),
      panels(),
      b.values,
      b.rowStride,
      b.columnStride,
      output(c.values.subarray(begin * c.rowStride)),
      c.rowStride,
      c.columnStride,
      rows,
      b.rows,
      b.columns,
      add,
    );
  }
}
