import type { KernelBackend } from "@lowbit/core/backend";
import { DTYPES, type FloatDtype, isFloatDtype } from "@lowbit/core/dtype";
import { expect, it } from "vitest";
import { expectSameFloats } from "../expectations.js";
import { ODD_LENGTHS, RandomData, unaligned } from "../random-data.js";

const FLOATS = (Object.keys(DTYPES) as (keyof typeof DTYPES)[]).filter(isFloatDtype);

export function decodeFloatsCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  const compare = (dtype: FloatDtype, source: Uint8Array, length: number) => {
    const actual = unaligned(new Float32Array(length), 4);
    const wanted = new Float32Array(length);
    expect(subject().decodeFloats(dtype, source, actual)).toBe(oracle.decodeFloats(dtype, source, wanted));
    expectSameFloats(actual, wanted);
  };

  it.each(["F16", "BF16"] as const)("decodes every bit pattern of %s", (dtype) => {
    compare(dtype, new Uint8Array(Uint16Array.from({ length: 65_536 }, (_, i) => i).buffer), 65_536);
  });

  it.each(FLOATS)("decodes any length and start of %s", (dtype) => {
    const random = new RandomData(1);
    // Across the spans that threads share, and beyond.
    for (const length of [...ODD_LENGTHS, 4095, 4096, 4097, 20_000]) {
      compare(dtype, unaligned(random.bytes(Math.ceil((length * DTYPES[dtype].bits) / 8)), 1), length);
    }
  });

  it("counts what is not finite in all spans", () => {
    const values = new Float32Array(70_000).fill(1);
    for (const at of [0, 4095, 4096, 40_001, 69_999]) values[at] = Number.NaN;
    values[50_000] = Number.NEGATIVE_INFINITY;
    const target = new Float32Array(values.length);
    expect(subject().decodeFloats("F32", new Uint8Array(values.buffer), target)).toBe(6);
  });
}
