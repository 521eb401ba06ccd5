import type { KernelBackend } from "@lowbit/core/backend";
import { it } from "vitest";
import { expectSameBytes } from "../expectations.js";
import { ODD_LENGTHS, RandomData, unaligned } from "../random-data.js";

const WIDTHS = { F16: 2, BF16: 2, F32: 4, F64: 8 } as const;

export function encodeFloatsCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  const compare = (dtype: keyof typeof WIDTHS, source: Float32Array) => {
    const actual = unaligned(new Uint8Array(source.length * WIDTHS[dtype]), 3);
    const wanted = new Uint8Array(source.length * WIDTHS[dtype]);
    subject().encodeFloats(dtype, source, actual);
    oracle.encodeFloats(dtype, source, wanted);
    expectSameBytes(actual, wanted);
  };
  it.each(Object.keys(WIDTHS) as (keyof typeof WIDTHS)[])("encodes any length of %s", (dtype) => {
    const random = new RandomData(2);
    for (const length of [...ODD_LENGTHS, 4095, 4096, 4097]) compare(dtype, unaligned(random.oddWeights(length), 4));
  });
}
