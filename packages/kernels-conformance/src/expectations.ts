import { expect } from "vitest";

/** The same bits; any NaN equals any NaN. Prints the first difference only. */
export function expectSameFloats(actual: Float32Array, wanted: Float32Array): void {
  expect(actual.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) {
    if (!Object.is(actual[i], wanted[i]))
      expect({ index: i, value: actual[i] }).toEqual({ index: i, value: wanted[i] });
  }
}

/** The same bytes. Prints the first difference only. */
export function expectSameBytes(actual: Uint8Array, wanted: Uint8Array): void {
  expect(actual.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) {
    if (actual[i] !== wanted[i]) expect({ byte: i, value: actual[i] }).toEqual({ byte: i, value: wanted[i] });
  }
}

/** Every array of `actual` has the same numbers as that of `wanted`, zeros with their signs. Prints the first difference only. */
export function expectSameFigures(actual: object, wanted: object): void {
  for (const [name, numbers] of Object.entries(wanted) as [string, ArrayLike<number>][]) {
    const found = (actual as Record<string, ArrayLike<number>>)[name]!;
    expect(found.length).toBe(numbers.length);
    for (let i = 0; i < numbers.length; i++) {
      if (!Object.is(found[i], numbers[i])) {
        expect({ name, index: i, value: found[i] }).toEqual({ name, index: i, value: numbers[i] });
      }
    }
  }
}

/** Within `relative · max(size, |wanted|)`; NaN and infinities are the same. Prints the first difference only. */
export function expectCloseFloats(
  actual: ArrayLike<number>,
  wanted: ArrayLike<number>,
  relative: number,
  size = 1,
): void {
  expect(actual.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) {
    const [found, right] = [actual[i]!, wanted[i]!];
    if (Object.is(found, right) || Math.abs(found - right) <= relative * Math.max(size, Math.abs(right))) continue;
    expect({ index: i, value: found }).toEqual({ index: i, value: right });
  }
}
