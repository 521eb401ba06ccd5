import type { KernelBackend } from "@lowbit/core/backend";
import { DTYPES, type FloatDtype, isFloatDtype } from "@lowbit/core/dtype";
import { it } from "vitest";
import { expectSameBytes } from "../expectations.js";
import { ODD_LENGTHS, RandomData, unaligned } from "../random-data.js";

const FLOATS = (Object.keys(DTYPES) as (keyof typeof DTYPES)[]).filter(isFloatDtype);

export function encodeFloatsCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  const compare = (dtype: FloatDtype, source: Float32Array) => {
    const byteLength = Math.ceil((source.length * DTYPES[dtype].bits) / 8);
    const actual = unaligned(new Uint8Array(byteLength), 3);
    const wanted = new Uint8Array(byteLength);
    subject().encodeFloats(dtype, source, actual);
    oracle.encodeFloats(dtype, source, wanted);
    expectSameBytes(actual, wanted);
  };

  it.each(FLOATS)("encodes any length and start of %s", (dtype) => {
    const random = new RandomData(2);
    for (const length of [...ODD_LENGTHS, 4095, 4096, 4097]) compare(dtype, unaligned(random.oddWeights(length), 4));
  });

  it.each(["F16", "BF16"] as const)("rounds %s half to even at every boundary between neighbours", (dtype) => {
    // Every finite value, the middle to the next one, and the f32 on both sides of the middle.
    const patterns = new Uint8Array(Uint16Array.from({ length: 65_536 }, (_, i) => i).buffer);
    const values = new Float32Array(65_536);
    oracle.decodeFloats(dtype, patterns, values);
    const source = new Float32Array(4 * 65_536);
    const bits = new Uint32Array(source.buffer);
    for (let i = 0; i < 65_535; i++) {
      source[4 * i] = values[i]!;
      source[4 * i + 1] = (values[i]! + values[i + 1]!) / 2;
      bits[4 * i + 2] = bits[4 * i + 1]! + 1;
      bits[4 * i + 3] = bits[4 * i + 1]! - 1;
    }
    compare(dtype, source);
  });

  it.each(["F16", "BF16"] as const)("encodes infinities, overflow and NaN of %s", (dtype) => {
    const edge = [
      65_504,
      65_519.996,
      65_520,
      65_536,
      65_568,
      98_304,
      131_071,
      131_072,
      3.3895e38,
      3.4028234663852886e38,
      Number.POSITIVE_INFINITY,
    ];
    compare(dtype, Float32Array.of(Number.NaN, ...edge, ...edge.map((value) => -value)));
  });
}
