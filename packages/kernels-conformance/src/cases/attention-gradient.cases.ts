import type { AttentionShape, KernelBackend } from "@lowbit/core/backend";
import { expect, it } from "vitest";
import {
  ATTENTION_SHAPES,
  type AttentionData,
  attentionShape,
  describeShape,
  randomAttention,
} from "../attention-data.js";
import { expectCloseFloats } from "../expectations.js";
import { expectGradients } from "../finite-differences.js";
import { RandomData } from "../random-data.js";
import { ATTENTION_RELATIVE } from "../tolerances.js";

interface Gradients {
  readonly q: Float32Array;
  readonly keys: Float32Array;
  readonly values: Float32Array;
}

export function attentionGradientCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  const draw = (length: number, random: RandomData) => Float32Array.from({ length }, () => random.normal());
  /** Added to targets that hold `start` everywhere. */
  const run = (
    backend: KernelBackend,
    { q, keys, values }: AttentionData,
    shape: AttentionShape,
    dy: Float32Array,
    start = 0,
  ): Gradients => {
    const [dq, dKeys, dValues] = [q, keys, values].map((array) => new Float32Array(array.length).fill(start)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    backend.attentionGradient(q, keys, values, shape, dy, dq, dKeys, dValues);
    return { q: dq, keys: dKeys, values: dValues };
  };

  it.each(ATTENTION_SHAPES.map((shape) => [describeShape(shape), shape] as const))("adds gradients: %s", (_, shape) => {
    const random = new RandomData(41);
    const data = randomAttention(shape, random);
    const dy = draw(data.q.length, random);
    const actual = run(subject(), data, shape, dy, 1);
    const wanted = run(oracle, data, shape, dy, 1);
    for (const name of ["q", "keys", "values"] as const) {
      const peak = wanted[name].reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      expectCloseFloats(actual[name], wanted[name], ATTENTION_RELATIVE, peak);
    }
  });

  it.each([0, 3])("agrees with finite differences of attention, window %i", (window) => {
    const random = new RandomData(42);
    const shape = attentionShape({
      sequences: 2,
      queryLength: 4,
      keyLength: 7,
      headCount: 4,
      keyValueHeadCount: 2,
      headSize: 6,
      window,
    });
    const data = randomAttention(shape, random);
    const dy = draw(data.q.length, random);
    expectGradients(
      { ...data },
      (inputs) => {
        const y = new Float32Array(dy.length);
        oracle.attention(inputs["q"]!, inputs["keys"]!, inputs["values"]!, shape, y);
        return y;
      },
      dy,
      () => ({ ...run(subject(), data, shape, dy) }),
      1e-3,
    );
  });

  it("keeps a NaN in its sequence", () => {
    const random = new RandomData(43);
    const shape = attentionShape({
      sequences: 3,
      queryLength: 20,
      keyLength: 24,
      headCount: 2,
      keyValueHeadCount: 2,
      headSize: 8,
    });
    const data = randomAttention(shape, random);
    const dy = draw(data.q.length, random);
    const clean = run(subject(), data, shape, dy);
    dy[20 * 16] = Number.NaN; // the first query of the second sequence
    const found = run(subject(), data, shape, dy);
    for (const name of ["q", "keys", "values"] as const) {
      const third = data[name].length / 3;
      expect(found[name].subarray(third, 2 * third).some(Number.isNaN)).toBe(true);
      for (const from of [0, 2 * third]) {
        expect([...found[name].subarray(from, from + third)]).toEqual([...clean[name].subarray(from, from + third)]);
      }
    }
  });
}
