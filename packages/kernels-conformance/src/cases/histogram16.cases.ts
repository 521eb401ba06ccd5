import type { KernelBackend } from "@lowbit/core/backend";
import { expect, it } from "vitest";
import { expectSameFigures } from "../expectations.js";
import { ODD_LENGTHS, RandomData, unaligned } from "../random-data.js";

const WORDS = 65_536;

export function histogram16Cases(subject: () => KernelBackend, oracle: KernelBackend): void {
  const compare = (source: Uint8Array) => {
    const counts = new Uint32Array(WORDS).fill(5);
    const wanted = new Uint32Array(WORDS).fill(5);
    subject().histogram16(source, counts);
    oracle.histogram16(source, wanted);
    expectSameFigures({ counts }, { counts: wanted });
    return counts;
  };

  it("adds every word to what is there, at any length and start", () => {
    const random = new RandomData(51);
    for (const words of [0, 1, 31, 32, 33, 63, 64, 100, 4097]) compare(unaligned(random.bytes(2 * words), 1));
  });

  it("ignores an odd last byte", () => {
    for (const length of ODD_LENGTHS) compare(new RandomData(52).bytes(length));
  });

  it("counts every word once", () => {
    const counts = compare(new Uint8Array(Uint16Array.from({ length: WORDS }, (_, word) => word).buffer));
    expect(counts.every((count) => count === 6)).toBe(true);
  });

  it("counts runs of one value, and spans that only begin like one", () => {
    const words = new Uint16Array(32 * 40).fill(0xbf80);
    expect(compare(new Uint8Array(words.buffer))[0xbf80]).toBe(5 + words.length);
    for (let span = 0; span < 40; span++) words[span * 32 + (span % 32)] = span;
    compare(new Uint8Array(words.buffer));
  });
}
