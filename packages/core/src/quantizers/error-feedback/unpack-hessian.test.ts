import { describe, expect, it } from "vitest";
import { unpackHessian } from "./unpack-hessian.js";

/** H[i][j] = 100·i + j for j <= i, so that every element says where it was; 0 on the diagonal where asked. */
function packedNames(columns: number, dead: readonly number[] = []): Float64Array {
  const packed: number[] = [];
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j <= i; j++) packed.push(i === j && dead.includes(i) ? 0 : 100 * i + j + 1);
  }
  return Float64Array.from(packed);
}

describe("unpackHessian", () => {
  it.each([1, 2, 5, 32, 33, 70])("puts %i inputs in the order given", (columns) => {
    const packed = packedNames(columns);
    const order = Uint32Array.from({ length: columns }, (_, i) => (i * 3) % columns);
    const isPermutation = new Set(order).size === columns;
    for (const given of [undefined, order.toReversed(), order].slice(0, isPermutation ? 3 : 1)) {
      const target = new Float64Array(columns * columns).fill(-1);
      unpackHessian(packed, columns, given, target);
      for (let i = 0; i < columns; i++) {
        for (let j = 0; j <= i; j++) {
          const [one, other] = [given?.[i] ?? i, given?.[j] ?? j];
          expect(target[i * columns + j]).toBe(100 * Math.max(one, other) + Math.min(one, other) + 1);
        }
      }
    }
  });

  it("marks dead inputs where the order puts them, and leaves them out of the mean", () => {
    const target = new Float64Array(9);
    const { dead, meanDiagonal } = unpackHessian(packedNames(3, [1]), 3, Uint32Array.of(1, 2, 0), target);
    expect([...dead]).toEqual([1, 0, 0]);
    expect(target[0]).toBe(1);
    expect(meanDiagonal).toBe((203 + 1) / 2);
  });

  it("has a mean of 0 where all inputs are dead", () => {
    expect(unpackHessian(new Float32Array(3), 2, undefined, new Float64Array(4)).meanDiagonal).toBe(0);
  });
});
