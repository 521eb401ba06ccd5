import type { KernelBackend } from "@lowbit/core/backend";
import { expect, it } from "vitest";
import { expectSameFloats } from "../expectations.js";
import { ODD_LENGTHS, RandomData, unaligned } from "../random-data.js";

const WIDTHS = { F16: 2, BF16: 2, F32: 4, F64: 8 } as const;

export function decodeFloatsCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  it.each(["F16", "BF16"] as const)("decodes every bit pattern of %s", (dtype) => {
    const source = new Uint8Array(Uint16Array.from({ length: 65_536 }, (_, i) => i).buffer);
    const actual = new Float32Array(65_536);
    const wanted = new Float32Array(65_536);
    expect(subject().decodeFloats(dtype, source, actual)).toBe(oracle.decodeFloats(dtype, source, wanted));
    expectSameFloats(actual, wanted);
  });

  it.each(Object.keys(WIDTHS) as (keyof typeof WIDTHS)[])("decodes any length and start of %s", (dtype) => {
    const random = new RandomData(1);
    for (const length of [...ODD_LENGTHS, 4095, 4096, 4097, 20_000]) {
      const source = unaligned(random.bytes(length * WIDTHS[dtype]), 1);
      const actual = new Float32Array(length);
      const wanted = new Float32Array(length);
      expect(subject().decodeFloats(dtype, source, actual)).toBe(oracle.decodeFloats(dtype, source, wanted));
      expectSameFloats(actual, wanted);
    }
  });
}
