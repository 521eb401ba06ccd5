import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planWindows } from "./window-plan.js";

const CONFIG = { contextLength: 64, vocabularySize: 1000 };
const ids = (length: number): Uint32Array => Uint32Array.from({ length }, (_, i) => i);
const expectCode = (run: () => unknown, code: string): void => expect(run).toThrow(expect.objectContaining({ code }));

describe("planWindows", () => {
  it("puts the begin token before each window and scores every id", () => {
    const plan = planWindows(ids(11), CONFIG, { context: 5, beginToken: 999 });
    expect(plan.protocol).toEqual({
      context: 5,
      windowIds: 4,
      stride: 4,
      beginRule: "each-window",
      beginToken: 999,
      textTokens: 11,
      windows: 2,
      scoredTokens: 8,
    });
    expect(plan.length).toBe(4);
    expect(plan.window(1)).toEqual({
      index: 1,
      inputs: Uint32Array.of(999, 4, 5, 6),
      targets: Uint32Array.of(4, 5, 6, 7),
      firstScored: 0,
      begin: 4,
    });
  });

  it("never scores the first id of a window without begin token, unless windows overlap", () => {
    const plan = planWindows(ids(9), CONFIG, { context: 4 });
    expect(plan.protocol).toMatchObject({ beginRule: "none", windows: 2, scoredTokens: 6, windowIds: 4, stride: 4 });
    expect(plan.window(1)).toMatchObject({
      inputs: Uint32Array.of(4, 5, 6),
      targets: Uint32Array.of(5, 6, 7),
      firstScored: 0,
      begin: 5,
    });
    const overlapping = planWindows(ids(9), CONFIG, { context: 4, stride: 3 });
    expect(overlapping.protocol).toMatchObject({ windows: 2, scoredTokens: 6 });
    expect(overlapping.window(1)).toMatchObject({ inputs: Uint32Array.of(3, 4, 5), firstScored: 0, begin: 4 });
  });

  it("scores every id once where windows overlap", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 300 }),
        fc.boolean(),
        (context, wantedStride, length, begins) => {
          const stride = Math.min(wantedStride, context - 1);
          const tokens = ids(context + length);
          const plan = planWindows(tokens, CONFIG, { context, stride, ...(begins && { beginToken: 999 }) });
          const scored: number[] = [];
          for (let i = 0; i < plan.protocol.windows; i++) {
            const { inputs, targets, firstScored, begin } = plan.window(i);
            expect([inputs.length, targets.length]).toEqual([context - 1, context - 1]);
            expect(Array.from(inputs.subarray(1))).toEqual(Array.from(targets.subarray(0, -1)));
            expect(targets[firstScored]).toBe(begin);
            scored.push(...targets.subarray(firstScored));
          }
          const first = begins ? 0 : 1;
          expect(scored).toEqual(Array.from({ length: scored.length }, (_, i) => first + i));
          expect(scored.length).toBe(plan.protocol.scoredTokens);
          expect(tokens.length - first - scored.length).toBeLessThan(stride);
        },
      ),
    );
  });

  it("stops at maxTokens and maxWindows, and has a context of at most 2048", () => {
    expect(planWindows(ids(60), CONFIG, { context: 10, maxTokens: 25 }).protocol).toMatchObject({
      textTokens: 25,
      windows: 2,
    });
    expect(planWindows(ids(60), CONFIG, { context: 10, maxWindows: 1 }).protocol.windows).toBe(1);
    expect(planWindows(ids(70), CONFIG).protocol.context).toBe(64);
    const long = { contextLength: 100_000, vocabularySize: 4000 };
    expect(planWindows(ids(3000), long).protocol.context).toBe(2048);
  });

  it("refuses what it cannot do", () => {
    expectCode(() => planWindows(ids(0), CONFIG), "evaluate/empty-text");
    expectCode(() => planWindows(ids(63), CONFIG), "evaluate/text-too-short");
    expectCode(() => planWindows(ids(62), CONFIG, { beginToken: 1 }), "evaluate/text-too-short");
    expectCode(() => planWindows(ids(100), CONFIG, { maxTokens: 63 }), "evaluate/text-too-short");
    expectCode(() => planWindows(ids(100), CONFIG, { context: 65 }), "evaluate/context-too-long");
    for (const options of [
      { context: 1 },
      { context: 8.5 },
      { stride: 0 },
      { stride: 65 },
      { context: 8, stride: 8, beginToken: 1 },
      { maxTokens: 0 },
      { maxWindows: 0 },
      { context: Number.NaN },
    ]) {
      expectCode(() => planWindows(ids(100), CONFIG, options), "evaluate/invalid-option");
    }
    expectCode(() => planWindows(Uint32Array.of(1, 1000, 2), CONFIG, { context: 2 }), "evaluate/token-out-of-range");
    expectCode(() => planWindows(ids(100), CONFIG, { beginToken: 1000 }), "evaluate/token-out-of-range");
  });
});
