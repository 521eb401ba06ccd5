import type { KernelBackend } from "@lowbit/core/backend";
import { rowMajor } from "@lowbit/core/tensor";
import { secondsOf } from "./roofline.js";

/** Two square f32 matrices and room for their product. */
export interface SquareMatmul {
  /** Multiplies once: 1e9 operations a second (a multiplication and an addition are two). */
  measure(): number;
  release(): void;
}

export function squareMatmul(backend: KernelBackend, size: number): SquareMatmul {
  const buffers = [0, 1, 2].map(() => backend.allocate(4 * size * size));
  for (const buffer of buffers) buffer.floats().fill(0.5);
  return {
    measure() {
      const [a, b, c] = buffers.map((buffer) => rowMajor(buffer.floats(), size, size));
      return (2 * size ** 3) / secondsOf(() => backend.matmul(a!, b!, c!)) / 1e9;
    },
    release() {
      for (const buffer of buffers) buffer.release();
    },
  };
}
