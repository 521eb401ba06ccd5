import { checkMatmul } from "../check-multiply.js";
import { type KernelCaller, output } from "./kernel-caller.js";

/** Threads divide the rows of the kernel's first operand, so the longer one goes there and c is written transposed. */
export function matmul(
  kernels: KernelCaller,
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
  m: number,
  n: number,
  k: number,
): void {
  checkMatmul(a, b, c, m, n, k);
  if (n > m) kernels.call("matmul", 0, n, b, a, output(c), m, k, 1, n);
  else kernels.call("matmul", 0, m, a, b, output(c), n, k, n, 1);
}
