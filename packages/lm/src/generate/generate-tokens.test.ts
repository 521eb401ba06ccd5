import { createReferenceBackend } from "@lowbit/core/backend";
import { createWasmBackend } from "@lowbit/kernels-wasm";
import { describe, expect, it } from "vitest";
import type { DecodingSession } from "./decoding-session.js";
import { type GenerateOptions, generateTokens } from "./generate-tokens.js";
import { collect, randomModel, someTokens } from "./random-model.fixture.js";

const BACKEND = createReferenceBackend();
const MODEL = randomModel();

function generate(
  prompt: Uint32Array,
  options: GenerateOptions = {},
  model = MODEL,
  backend = BACKEND,
): Promise<number[]> {
  return collect(generateTokens(model, backend, prompt, options));
}

const refusal = (code: string, facts: object = {}) => ({ code, facts: expect.objectContaining(facts) });

describe("generateTokens", () => {
  it("makes as many tokens as asked, each from all before it", async () => {
    const prompt = someTokens(5);
    const all = await generate(prompt, { maxTokens: 12 });
    expect(all).toHaveLength(12);
    const first = all.slice(0, 7);
    expect(await generate(prompt, { maxTokens: 7 })).toEqual(first);
    expect(await generate(Uint32Array.of(...prompt, ...first), { maxTokens: 5 })).toEqual(all.slice(7));
  });

  it("stops when the context is full", async () => {
    expect(await generate(someTokens(90), { maxTokens: 50 })).toHaveLength(6);
    expect(await generate(someTokens(95))).toHaveLength(1);
    expect(await generate(someTokens(60), { maxTokens: Number.POSITIVE_INFINITY })).toHaveLength(36);
  });

  it("stops before an end token, of the model or of the call", async () => {
    const free = await generate(someTokens(5), { maxTokens: 20 });
    const end = free[6]!;
    const expected = free.slice(0, free.indexOf(end));
    expect(await generate(someTokens(5), { maxTokens: 20, endTokens: [end] })).toEqual(expected);
    const ending = randomModel({ endTokens: [end] });
    expect(await generate(someTokens(5), { maxTokens: 20 }, ending)).toEqual(expected);
    expect(await generate(someTokens(5), { maxTokens: 20, endTokens: [] }, ending)).toEqual(free);
  });

  it("runs long prompts in pieces", async () => {
    const backend = await createWasmBackend();
    const long = randomModel({ contextLength: 1100 });
    let held = 0;
    const onPrefill = (session: DecodingSession) => {
      held = session.cache.length;
    };
    const prompt = someTokens(1030);
    const tokens = await generate(prompt, { maxTokens: 4, onPrefill }, long, backend);
    expect(held).toBe(1030);
    const longer = Uint32Array.of(...prompt, tokens[0]!);
    expect(await generate(longer, { maxTokens: 3 }, long, backend)).toEqual(tokens.slice(1));
  });

  it("gives the same tokens for the same seed", async () => {
    const draw = (seed: number) => generate(someTokens(3), { maxTokens: 20, sampling: { temperature: 1.5, seed } });
    expect(await draw(1)).toEqual(await draw(1));
    expect(await draw(1)).not.toEqual(await draw(2));
  });

  it("takes the cache's precision and the activations' bits", async () => {
    let bytes = 0;
    const onPrefill = (session: DecodingSession) => {
      bytes = session.cache.byteLength;
    };
    await generate(someTokens(3), { maxTokens: 2, onPrefill });
    const full = bytes;
    await generate(someTokens(3), { maxTokens: 2, onPrefill, cachePrecision: "f16" });
    expect(bytes).not.toBe(full);
    const exact = await generate(someTokens(3), { maxTokens: 40 });
    expect(await generate(someTokens(3), { maxTokens: 40, cachePrecision: 2 })).not.toEqual(exact);
    expect(await generate(someTokens(3), { maxTokens: 40, activationBits: 4 })).not.toEqual(exact);
  });

  it("ends with its signal, before the first token and between tokens", async () => {
    const early = generate(someTokens(3), { signal: AbortSignal.abort() });
    await expect(early).rejects.toMatchObject(refusal("generate/aborted"));
    const controller = new AbortController();
    const tokens = generateTokens(MODEL, BACKEND, someTokens(3), { signal: controller.signal });
    await tokens.next();
    setTimeout(() => controller.abort(), 0);
    const rest = async () => {
      let count = 0;
      for await (const _ of tokens) count++;
      return count;
    };
    await expect(rest()).rejects.toMatchObject(refusal("generate/aborted"));
  });

  it("refuses an empty prompt, one that fills the context, and odd limits", async () => {
    await expect(generate(new Uint32Array(0))).rejects.toMatchObject(refusal("generate/empty-prompt"));
    const full = refusal("generate/context-full", { promptTokens: 96, contextLength: 96 });
    await expect(generate(someTokens(96))).rejects.toMatchObject(full);
    const limit = refusal("generate/invalid-option", { option: "maxTokens" });
    await expect(generate(someTokens(3), { maxTokens: 0 })).rejects.toMatchObject(limit);
  });
});
