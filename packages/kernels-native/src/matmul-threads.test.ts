import { rowMajor } from "@lowbit/core/tensor";
import { describe, expect, it } from "vitest";
import { createNativeBackend } from "./index.js";

// docs/numerics.md promises nothing about f32 products between backends. Within one, runs should still repeat, although
// threads divide the rows by the clock.
describe("matmul", () => {
  it.each([
    [700, 5, 300],
    [5, 700, 300],
    [700, 70, 450],
    [70, 700, 450],
  ])("has the same bits with one and three threads: %i × %i over %i", (m, n, k) => {
    const wave = (rows: number, step: number) =>
      rowMajor(
        Float32Array.from({ length: rows * k }, (_, i) => Math.sin(i * step)),
        rows,
        k,
      );
    const products = [1, 3].map((threads) => {
      const backend = createNativeBackend({ threads });
      const product = rowMajor(new Float32Array(m * n), m, n);
      backend.matmul(wave(m, 0.37), wave(n, 0.73), product);
      backend.close();
      return product.values;
    });
    expect(products[1]).toEqual(products[0]);
    expect(products[0]!.some((value) => value !== 0)).toBe(true);
  });
});
