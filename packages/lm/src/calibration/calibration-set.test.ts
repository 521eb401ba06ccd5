import { describe, expect, it } from "vitest";
import { calibrationSet } from "./calibration-set.js";
import { randomWindows } from "./random-windows.js";

const text = Uint32Array.from({ length: 1000 }, (_, i) => i);
const options = { samples: 20, length: 16, seed: 3, vocabularySize: 1000 };

describe("calibrationSet", () => {
  it("takes given ids, with a fingerprint of ids and length", async () => {
    const ids = Uint32Array.of(1, 2, 3, 4, 5, 6);
    const set = await calibrationSet({ ids, length: 3, vocabularySize: 7 });
    expect(set).toMatchObject({ ids, samples: 2, length: 3 });
    // SHA-256 of the six ids after 2 and 3, all 32 bit little-endian.
    expect(set.fingerprint).toBe("07a28a4f54e7cb35d8bc9f4ba7f64d20695b73a6798c7d363bd8fc43bd702c86");
    const other = await calibrationSet({ ids, length: 2, vocabularySize: 7 });
    expect(other.fingerprint).not.toBe(set.fingerprint);
  });

  it("names the token outside the vocabulary", async () => {
    await expect(
      calibrationSet({ ids: Uint32Array.of(1, 2, 3, 7), length: 2, vocabularySize: 7 }),
    ).rejects.toMatchObject({
      code: "calibration/token-outside-vocabulary",
      facts: { sample: 1, token: 1, found: 7, vocabularySize: 7 },
    });
  });

  it.each([
    { ids: 5, length: 2 },
    { ids: 0, length: 2 },
    { ids: 4, length: 1 },
    { ids: 4, length: 1.5 },
  ])("refuses $ids ids in samples of $length", async ({ ids, length }) => {
    await expect(calibrationSet({ ids: new Uint32Array(ids), length, vocabularySize: 7 })).rejects.toMatchObject({
      code: "calibration/invalid-option",
    });
  });
});

describe("randomWindows", () => {
  it("takes consecutive tokens of the text, at starts that the seed decides", async () => {
    const set = await randomWindows(text, options);
    const starts = Array.from({ length: 20 }, (_, sample) => set.ids[sample * 16]!);
    expect(set.ids).toEqual(Uint32Array.from({ length: 320 }, (_, i) => starts[Math.floor(i / 16)]! + (i % 16)));
    expect(new Set(starts).size).toBeGreaterThan(10);
    expect((await randomWindows(text, options)).fingerprint).toBe(set.fingerprint);
    expect((await randomWindows(text, { ...options, seed: 4 })).fingerprint).not.toBe(set.fingerprint);
    expect(set.origin).toBe("20 random windows of 16 tokens of a text of 1000, seed 3, without begin token");
  });

  it("reaches the first and the last start", async () => {
    const { ids } = await randomWindows(text.subarray(0, 17), { ...options, samples: 64 });
    expect(new Set(Array.from({ length: 64 }, (_, sample) => ids[sample * 16]))).toEqual(new Set([0, 1]));
  });

  it("puts a begin token before every window, as one of its tokens", async () => {
    const { ids, origin } = await randomWindows(text, { ...options, beginToken: 999 });
    for (let sample = 0; sample < 20; sample++) {
      const [begin, first, second] = ids.subarray(sample * 16);
      expect(begin).toBe(999);
      expect(second).toBe(first! + 1);
    }
    expect(origin).toContain("windows of 15 tokens of a text of 1000, seed 3, each after begin token 999");
  });

  it("refuses a text that is shorter than a window", async () => {
    await expect(randomWindows(text.subarray(0, 15), options)).rejects.toMatchObject({
      code: "calibration/text-too-short",
      facts: { found: 15, needed: 16 },
    });
  });

  it("refuses ids outside the vocabulary, wherever they come from", async () => {
    const outside = { code: "calibration/token-outside-vocabulary" };
    await expect(randomWindows(text, { ...options, vocabularySize: 9 })).rejects.toMatchObject(outside);
    const unseen = Uint32Array.of(...text.subarray(0, 17), 1000);
    await expect(randomWindows(unseen, { ...options, samples: 1, vocabularySize: 1000 })).rejects.toMatchObject({
      ...outside,
      facts: { token: 17, found: 1000 },
    });
    await expect(randomWindows(text, { ...options, beginToken: 1000 })).rejects.toMatchObject(outside);
  });

  it.each([{ samples: 0 }, { samples: 2.5 }, { length: 1 }, { seed: -1 }, { seed: 2 ** 32 }])(
    "refuses %o",
    async (wrong) => {
      await expect(randomWindows(text, { ...options, ...wrong })).rejects.toMatchObject({
        code: "calibration/invalid-option",
      });
    },
  );
});
