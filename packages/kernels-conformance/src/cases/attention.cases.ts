import type { AttentionShape, KernelBackend } from "@lowbit/core/backend";
import { describe, expect, it } from "vitest";
import {
  ATTENTION_SHAPES,
  type AttentionData,
  attentionShape,
  describeShape,
  randomAttention,
} from "../attention-data.js";
import { expectCloseFloats } from "../expectations.js";
import { RandomData } from "../random-data.js";
import { ATTENTION_RELATIVE } from "../tolerances.js";

export function attentionCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  const run = (backend: KernelBackend, { q, keys, values }: AttentionData, shape: AttentionShape) => {
    const y = new Float32Array(q.length).fill(Number.NaN);
    backend.attention(q, keys, values, shape, y);
    return y;
  };
  const compare = (data: AttentionData, shape: AttentionShape) => {
    const actual = run(subject(), data, shape);
    const peak = data.values.reduce((most, value) => Math.max(most, Math.abs(value) || 0), 0);
    expectCloseFloats(actual, run(oracle, data, shape), ATTENTION_RELATIVE, peak);
    return actual;
  };

  it.each(ATTENTION_SHAPES.map((shape) => [describeShape(shape), shape] as const))("attends: %s", (_, shape) => {
    compare(randomAttention(shape, new RandomData(31)), shape);
  });

  it("gives the value of the only key", () => {
    const shape = attentionShape({
      sequences: 1,
      queryLength: 1,
      keyLength: 1,
      headCount: 4,
      keyValueHeadCount: 2,
      headSize: 5,
    });
    const data = randomAttention(shape, new RandomData(32));
    const head = (h: number) => [...data.values.subarray(5 * h, 5 * h + 5)];
    expect([...run(subject(), data, shape)]).toEqual([0, 0, 1, 1].flatMap(head));
  });

  describe.each([1, 40])("with %i queries", (queryLength) => {
    const shape = attentionShape({
      sequences: 2,
      queryLength,
      keyLength: 150,
      keyStride: 153,
      headCount: 4,
      keyValueHeadCount: 2,
      headSize: 16,
    });
    const row = shape.headCount * shape.headSize;
    const keyStep = shape.keyValueHeadCount * shape.headSize;

    it.each([1, -1])("keeps scores of ±10 000 apart without overflow (scale %i)", (scale) => {
      const random = new RandomData(33);
      const data = randomAttention(shape, random);
      // Whole numbers, so that every score is exact: multiples of 100 up to 16 · 7 · 100.
      data.q.forEach((_, i) => {
        data.q[i] = 100 * random.integer(-7, 7);
      });
      data.keys.forEach((_, i) => {
        data.keys[i] = random.integer(-1, 1);
      });
      compare(data, { ...shape, scale });
    });

    it("has equal weights with scale 0", () => {
      compare(randomAttention(shape, new RandomData(34)), { ...shape, scale: 0 });
    });

    it("keeps a NaN in its sequence and away from what does not see it", () => {
      for (const name of ["q", "keys", "values"] as const) {
        const data = randomAttention(shape, new RandomData(35));
        const clean = run(subject(), data, shape);
        // Query or key in the middle of the second sequence's queries.
        const query = Math.floor(queryLength / 2);
        const key = shape.keyLength - queryLength + query;
        const at = name === "q" ? (queryLength + query) * row : (shape.keyStride + key) * keyStep;
        data[name][at] = Number.NaN;
        const found = run(subject(), data, shape);
        const wanted = run(oracle, data, shape);
        expect([...found].map(Number.isNaN)).toEqual([...wanted].map(Number.isNaN));
        expect(found.some(Number.isNaN)).toBe(true);
        expect([...found.subarray(0, (queryLength + query) * row)]).toEqual([
          ...clean.subarray(0, (queryLength + query) * row),
        ]);
      }
    });

    it("does not read a NaN in front of the window", () => {
      const data = randomAttention(shape, new RandomData(36));
      const window = 20;
      const first = shape.keyLength - queryLength + 1 - window; // what the first query of a sequence sees from
      for (const array of [data.keys, data.values]) array.fill(Number.NaN, 0, first * keyStep);
      const found = compare(data, { ...shape, window });
      expect(found.some(Number.isNaN)).toBe(false);
    });
  });
}
