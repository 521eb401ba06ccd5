import { describe, expect, it } from "vitest";
import { alignUp, checkedProduct, isSafeCount, readUint64, safeCount, writeUint64 } from "./checked-integers.js";

const MAX = Number.MAX_SAFE_INTEGER;

describe("checked integers", () => {
  it("reads u64 at any start, up to 2^64 − 1", () => {
    const bytes = Uint8Array.of(9, 255, 255, 255, 255, 255, 255, 255, 255, 1);
    expect(readUint64(bytes, 1)).toBe(2n ** 64n - 1n);
    expect(readUint64(bytes.subarray(2), 0)).toBe(0x01ffffffffffffffn);
  });

  it("writes what it reads", () => {
    const bytes = new Uint8Array(9);
    writeUint64(bytes, 1, 2 ** 40 + 3);
    expect(readUint64(bytes, 1)).toBe(2n ** 40n + 3n);
  });

  it("turns u64 into numbers only where that is exact", () => {
    expect(safeCount(BigInt(MAX))).toBe(MAX);
    expect(safeCount(BigInt(MAX) + 1n)).toBeUndefined();
    expect(safeCount(2n ** 64n - 1n)).toBeUndefined();
  });

  it.each([
    [[], 1],
    [[3, 0, 5], 0],
    [[2 ** 26, 2 ** 26], 2 ** 52],
    [[MAX], MAX],
    [[2 ** 27, 2 ** 26], undefined],
    [[MAX, 2], undefined],
    [[2 ** 40, 2 ** 40, 0], undefined],
    [[0, MAX, MAX], 0],
  ])("product of %j is %j", (factors, product) => {
    expect(checkedProduct(factors)).toBe(product);
  });

  it("aligns beyond 2^32, where 32-bit operators would wrap", () => {
    expect(alignUp(2 ** 33 + 1, 8)).toBe(2 ** 33 + 8);
    expect(alignUp(2 ** 33, 8)).toBe(2 ** 33);
    expect(alignUp(0, 8)).toBe(0);
  });

  it("knows what is no count", () => {
    expect([-1, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY].map(isSafeCount)).toEqual(Array(5).fill(false));
    expect([0, 1, MAX].every(isSafeCount)).toBe(true);
  });
});
