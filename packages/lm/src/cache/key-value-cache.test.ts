import { createReferenceBackend, type KernelBackend } from "@lowbit/core/backend";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testBackends } from "../backends.fixture.js";
import { ComputeOps } from "../forward/compute-ops.js";
import { passContext, runBlocks, runHead } from "../forward/run-model.js";
import { randomModel, someTokens } from "../generate/random-model.fixture.js";
import type { CacheGrouping, CachePrecision } from "./cache-precision.js";
import { createKeyValueCache, type KeyValueCache, type KeyValueCacheOptions } from "./key-value-cache.js";

const MODEL = randomModel();

/** Logits of all tokens, which run through the blocks in pieces of these lengths. */
function logitsOf(
  backend: KernelBackend,
  tokens: Uint32Array,
  pieces: readonly number[],
  cache?: KeyValueCache,
): Float32Array {
  const ops = new ComputeOps(backend);
  const sequences = cache?.sequences ?? 1;
  const total = tokens.length / sequences;
  const { vocabularySize } = MODEL.config;
  const all = new Float32Array(tokens.length * vocabularySize);
  let firstPosition = cache?.length ?? 0;
  let done = 0;
  for (const length of pieces) {
    const piece = new Uint32Array(sequences * length);
    for (let s = 0; s < sequences; s++)
      piece.set(tokens.subarray(s * total + done, s * total + done + length), s * length);
    const batch = { tokens: piece, sequences, length, firstPosition };
    const x = runBlocks(ops, MODEL, batch, passContext(MODEL, batch, undefined, cache?.layers));
    const logits = runHead(ops, MODEL, x).values;
    for (let s = 0; s < sequences; s++) {
      const part = logits.subarray(s * length * vocabularySize, (s + 1) * length * vocabularySize);
      all.set(part, (s * total + done) * vocabularySize);
    }
    done += length;
    firstPosition += length;
  }
  return all;
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

function cacheOf(backend: KernelBackend, options: Partial<KeyValueCacheOptions> = {}): KeyValueCache {
  return createKeyValueCache(MODEL.config, backend, { sequences: 1, capacity: 96, ...options });
}

describe.each(testBackends)("createKeyValueCache on $name", ({ create }) => {
  let backend: KernelBackend;
  beforeAll(async () => {
    backend = await create();
  });
  afterAll(() => backend.close());

  const tokens = someTokens(70);
  const inPieces = [40, 1, 1, 20, 1, 7];

  it("f32: in one go, in pieces and token by token give what no cache gives", () => {
    const expected = logitsOf(backend, tokens, [70]);
    expect(largestDifference(expected, new Float32Array(expected.length))).toBeGreaterThan(0.5);
    for (const pieces of [[70], inPieces, new Array<number>(70).fill(1)]) {
      expect(largestDifference(logitsOf(backend, tokens, pieces, cacheOf(backend)), expected)).toBeLessThan(1e-4);
    }
  });

  it.each<CacheGrouping>(["token", "channel"])("fewer bits by %s: larger errors, within bounds", (grouping) => {
    const expected = logitsOf(backend, tokens, [70]);
    const errorOf = (precision: CachePrecision) =>
      largestDifference(logitsOf(backend, tokens, inPieces, cacheOf(backend, { precision, grouping })), expected);
    const errors = (["f32", "f16", 8, 4, 2] as const).map(errorOf);
    expect(errors).toEqual(errors.toSorted((a, b) => a - b));
    const bounds = [1e-4, 0.01, 0.1, 1.5, 8];
    for (const [i, bound] of bounds.entries()) expect(errors[i], `${i}`).toBeLessThan(bound);
    expect(errors[4]).toBeGreaterThan(errors[3]! * 2);
  });

  it("keeps several sequences apart", () => {
    const second = someTokens(140).subarray(70);
    const both = new Uint32Array([...tokens, ...second]);
    const alone = [tokens, second].map((each) => logitsOf(backend, each, [70]));
    const expected = new Float32Array([...alone[0]!, ...alone[1]!]);
    for (const [precision, grouping, bound] of [
      ["f32", "token", 1e-4],
      ["f16", "token", 0.01],
      [8, "token", 0.1],
      [8, "channel", 0.1],
    ] as const) {
      const cache = cacheOf(backend, { sequences: 2, precision, grouping });
      expect(
        largestDifference(logitsOf(backend, both, inPieces, cache), expected),
        `${precision} ${grouping}`,
      ).toBeLessThan(bound);
    }
  });

  it.each([
    ["f32", "token"],
    ["f16", "token"],
    [4, "token"],
    [4, "channel"],
  ] as const)("%s by %s goes on after truncate and clear as if nothing had been there", (precision, grouping) => {
    const fresh = cacheOf(backend, { precision, grouping });
    const used = cacheOf(backend, { precision, grouping });
    logitsOf(backend, someTokens(90).reverse(), [50, 40], used);
    used.clear();
    expect(used.length).toBe(0);
    const expected = logitsOf(backend, tokens, inPieces, fresh);
    expect(largestDifference(logitsOf(backend, tokens, inPieces, used), expected)).toBe(0);
    used.truncate(64);
    expect(used.length).toBe(64);
    const last = logitsOf(backend, tokens.subarray(64), [6], used);
    expect(largestDifference(last, expected.subarray(64 * MODEL.config.vocabularySize))).toBeLessThan(
      precision === "f32" ? 1e-4 : 0.5,
    );
  });
});

describe("createKeyValueCache", () => {
  const backend = createReferenceBackend();

  it("reports the bytes of its vectors", () => {
    const width = 16;
    const perBlock = 2 * 96 * width;
    expect(cacheOf(backend).byteLength).toBe(2 * perBlock * 4);
    expect(cacheOf(backend, { precision: "f16" }).byteLength).toBe(2 * perBlock * 2);
    // 4-bit codes, and an F16 scale and minimum for 8 features.
    expect(cacheOf(backend, { precision: 4 }).byteLength).toBe(2 * perBlock * (1 / 2 + 4 / 8));
  });

  it("takes back the tokens of a group that is cut", () => {
    const cache = cacheOf(backend, { precision: 8, grouping: "channel" });
    logitsOf(backend, someTokens(80), [80], cache);
    const before = cache.layers[0]!.read().keys.slice(0, 40 * 16);
    cache.truncate(40);
    expect(cache.layers[0]!.read().keyLength).toBe(40);
    expect([...cache.layers[0]!.read().keys]).toEqual([...before]);
  });

  it("refuses more positions than it has room for", () => {
    const cache = cacheOf(backend, { capacity: 5 });
    expect(() => logitsOf(backend, someTokens(7), [4, 3], cache)).toThrow(
      expect.objectContaining({ code: "generate/cache-full", facts: { capacity: 5, held: 4, added: 3 } }),
    );
  });

  it("refuses vectors of another width", () => {
    const ops = new ComputeOps(backend);
    expect(() => cacheOf(backend).layers[0]!.append(ops.make(1, 15), ops.make(1, 16))).toThrow(
      expect.objectContaining({ code: "backend/operand-size" }),
    );
  });

  it.each([
    [{ precision: 3 }, "precision"],
    [{ grouping: "head" }, "grouping"],
    [{ capacity: 0 }, "capacity"],
    [{ sequences: 1.5 }, "sequences"],
    [{ groupSize: 0 }, "groupSize"],
    [{ groupTokens: -1 }, "groupTokens"],
  ])("refuses %o", (options, option) => {
    expect(() => cacheOf(backend, options as Partial<KeyValueCacheOptions>)).toThrow(
      expect.objectContaining({ code: "generate/invalid-option", facts: expect.objectContaining({ option }) }),
    );
  });

  it("refuses to grow by truncate", () => {
    expect(() => cacheOf(backend).truncate(1)).toThrow(expect.objectContaining({ code: "generate/invalid-option" }));
  });
});
