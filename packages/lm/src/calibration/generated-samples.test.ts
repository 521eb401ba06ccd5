import { createReferenceBackend } from "@lowbit/core/backend";
import { describe, expect, it } from "vitest";
import { generateTokens } from "../generate/generate-tokens.js";
import { randomModel } from "../generate/random-model.fixture.js";
import { type GeneratedOptions, generatedSamples } from "./generated-samples.js";

const backend = createReferenceBackend();
const model = randomModel({ endTokens: [3] });
const options = { samples: 18, length: 12, seed: 5 };

const generate = (wrong: Partial<GeneratedOptions> = {}) => generatedSamples(model, backend, { ...options, ...wrong });

describe("generatedSamples", () => {
  it("goes on with the most likely tokens from a random one, 3 to 5 of them", async () => {
    const { ids } = await generate();
    const starts = new Set<number>();
    for (const sample of [0, 1, 2, 16, 17]) {
      const own = ids.subarray(sample * 12, (sample + 1) * 12);
      starts.add(own[0]!);
      const greedy: number[] = [];
      const maxTokens = 3 + (sample % 3);
      for await (const token of generateTokens(model, backend, own.slice(0, 1), { maxTokens, endTokens: [] })) {
        greedy.push(token);
      }
      expect([...own.subarray(1, 1 + maxTokens)]).toEqual(greedy);
    }
    expect(starts.size).toBeGreaterThan(1);
  });

  it("draws the rest, as the seed decides", async () => {
    const set = await generate();
    expect((await generate()).fingerprint).toBe(set.fingerprint);
    expect((await generate({ seed: 6 })).fingerprint).not.toBe(set.fingerprint);
    // Samples of a set differ although the model is the same for all.
    const tails = new Set(Array.from({ length: 18 }, (_, i) => set.ids.subarray(i * 12 + 8, i * 12 + 12).join()));
    expect(tails.size).toBeGreaterThan(12);
    expect(set).toMatchObject({
      samples: 18,
      length: 12,
      origin: "18 samples of 12 tokens written by the model, seed 5",
    });
  });

  it("begins with the begin token", async () => {
    const { ids } = await generate({ beginToken: 1, samples: 3 });
    expect([ids[0], ids[12], ids[24]]).toEqual([1, 1, 1]);
    const short = await generate({ beginToken: 1, samples: 2, length: 2 });
    expect(short.ids.length).toBe(4);
    expect(short.ids[2]).toBe(1);
  });

  it("reports how far it is, up to all samples", async () => {
    const seen: number[] = [];
    await generate({ onProgress: (done) => seen.push(done) });
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(18);
  });

  it("ends with its signal", async () => {
    const controller = new AbortController();
    const work = generate({ signal: controller.signal, onProgress: () => controller.abort() });
    await expect(work).rejects.toMatchObject({ code: "calibration/aborted" });
  });

  it.each([{ samples: 0 }, { length: 1 }, { length: 97 }, { seed: 0.5 }])("refuses %o", async (wrong) => {
    await expect(generate(wrong)).rejects.toMatchObject({ code: "calibration/invalid-option" });
  });
});
