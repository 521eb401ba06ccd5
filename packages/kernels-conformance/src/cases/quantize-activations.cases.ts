import type { Int8Activations, KernelBackend } from "@lowbit/core/backend";
import { expect, it } from "vitest";
import { expectSameFloats } from "../expectations.js";
import { ODD_LENGTHS, RandomData, unaligned } from "../random-data.js";

export function quantizeActivationsCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  it("writes the codes and scales of the reference", () => {
    const random = new RandomData(20);
    for (const columns of ODD_LENGTHS) {
      for (const tokens of [0, 1, 3]) {
        const normal = Float32Array.from({ length: tokens * columns }, () => random.normal());
        for (const values of [normal, random.oddWeights(tokens * columns), new Float32Array(tokens * columns)]) {
          for (const largest of [127, 7, 1]) compare(subject(), oracle, values, tokens, columns, largest);
        }
      }
    }
  });

  it("rounds halves to even", () => {
    const target = emptyTarget(1, 6);
    // absmax 127 gives scale 1.
    subject().quantizeActivations(
      { values: Float32Array.of(127, 0.5, 1.5, 2.5, -0.5, -2.5), tokens: 1, columns: 6 },
      target,
    );
    expect(target.scale[0]).toBe(1);
    expect([...target.codes]).toEqual([127, 0, 2, 2, 0, -2]);
  });

  it("uses codes up to the largest", () => {
    const target = emptyTarget(1, 6);
    // absmax 7 gives scale 1.
    subject().quantizeActivations(
      { values: Float32Array.of(-7, 6.5, 1.5, 2.5, -0.5, 3), tokens: 1, columns: 6 },
      target,
      7,
    );
    expect(target.scale[0]).toBe(1);
    expect([...target.codes]).toEqual([-7, 6, 2, 2, 0, 3]);
  });

  it("gives codes 0 to a token whose scale underflows", () => {
    const target = emptyTarget(1, 2);
    subject().quantizeActivations({ values: Float32Array.of(1.4e-45, -1.4e-45), tokens: 1, columns: 2 }, target);
    expect([...target.codes, target.scale[0]]).toEqual([0, 0, 0]);
  });
}

function emptyTarget(tokens: number, columns: number): Int8Activations {
  return { codes: new Int8Array(tokens * columns).fill(99), scale: new Float32Array(tokens).fill(99), tokens, columns };
}

function compare(
  subject: KernelBackend,
  oracle: KernelBackend,
  values: Float32Array,
  tokens: number,
  columns: number,
  largest: number,
): void {
  const actual = emptyTarget(tokens, columns);
  const wanted = emptyTarget(tokens, columns);
  subject.quantizeActivations({ values: unaligned(values, 4), tokens, columns }, actual, largest);
  oracle.quantizeActivations({ values, tokens, columns }, wanted, largest);
  expectSameFloats(actual.scale, wanted.scale);
  expectSameFloats(Float32Array.from(actual.codes), Float32Array.from(wanted.codes));
}
