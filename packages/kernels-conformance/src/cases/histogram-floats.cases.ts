import type { KernelBackend } from "@lowbit/core/backend";
import { expect, it } from "vitest";
import { expectSameFigures } from "../expectations.js";
import { ODD_LENGTHS, RandomData, unaligned } from "../random-data.js";

const WORDS = 65_536;

export function histogramFloatsCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  const compare = (values: Float32Array) => {
    const counts = new Uint32Array(WORDS).fill(3);
    const wanted = new Uint32Array(WORDS).fill(3);
    subject().histogramFloats(values, counts);
    oracle.histogramFloats(values, wanted);
    expectSameFigures({ counts }, { counts: wanted });
    return counts;
  };

  it("counts upper halves at any length and start", () => {
    const random = new RandomData(61);
    for (const length of [...ODD_LENGTHS, 4097]) {
      compare(unaligned(random.weights(length), 4));
      compare(unaligned(random.nonFiniteWeights(length), 12));
    }
  });

  it("counts runs whose lower halves differ, and spans that only begin like one", () => {
    const bits = Uint32Array.from({ length: 16 * 30 }, (_, i) => 0x3f800000 + i);
    expect(compare(new Float32Array(bits.buffer))[0x3f80]).toBe(3 + bits.length);
    for (let span = 0; span < 30; span++) bits[span * 16 + (span % 16)] = span << 16;
    compare(new Float32Array(bits.buffer));
  });
}
