import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CheckpointTensor } from "../safetensors/checkpoint.js";
import { mergeStatistics, SEGMENT_ELEMENTS, type StatisticsPartial, statisticsSpans } from "./statistics-partial.js";

const partial = (begin: number, seed: number): StatisticsPartial => ({
  tensor: "w",
  begin,
  end: begin + 10,
  words: Float64Array.from({ length: 8 }, (_, i) => (i * seed) % 7),
  sums: {
    segments: Float64Array.of(seed / 3, seed / 7, -seed, seed * seed),
    minimum: -seed,
    maximum: seed / 2,
    nanCount: seed % 2,
    infiniteCount: seed % 3,
    zeroCount: seed,
  },
});

describe("mergeStatistics", () => {
  it("gives the same for every grouping", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 12 }),
        fc.infiniteStream(fc.boolean()),
        (seeds, cuts) => {
          const partials = seeds.map((seed, i) => partial(10 * i, seed));
          const groups: StatisticsPartial[][] = [[]];
          for (const each of partials) {
            if (groups.at(-1)!.length > 0 && cuts.next().value === true) groups.push([]);
            groups.at(-1)!.push(each);
          }
          expect(mergeStatistics(groups.map(mergeStatistics))).toEqual(mergeStatistics(partials));
        },
      ),
    );
  });

  it("keeps the odd byte of the last span", () => {
    const { sums: _, ...bytes } = partial(10, 2);
    const { sums: __, ...first } = partial(0, 2);
    expect(mergeStatistics([first, { ...bytes, oddByte: 3 }]).oddByte).toBe(3);
  });

  it("refuses what does not belong together", () => {
    const refused = [
      [],
      [partial(0, 1), partial(20, 1)],
      [partial(10, 1), partial(0, 1)],
      [partial(0, 1), { ...partial(10, 1), tensor: "v" }],
    ];
    for (const partials of refused) {
      expect(() => mergeStatistics(partials)).toThrow(
        expect.objectContaining({ code: "analysis/partials-not-adjacent" }),
      );
    }
  });
});

describe("statisticsSpans", () => {
  const tensor = (...shape: number[]): CheckpointTensor => ({
    name: "w",
    dtype: "F32",
    shape,
    shard: "s",
    byteOffset: 0,
    byteLength: 0,
  });

  it("begins at segments and covers the tensor once", () => {
    const end = 3 * SEGMENT_ELEMENTS + 5;
    expect(statisticsSpans(tensor(1, end), 2)).toEqual([
      { begin: 0, end: 2 * SEGMENT_ELEMENTS },
      { begin: 2 * SEGMENT_ELEMENTS, end },
    ]);
  });

  it("has one span for a scalar and for an empty tensor", () => {
    expect(statisticsSpans(tensor())).toEqual([{ begin: 0, end: 1 }]);
    expect(statisticsSpans(tensor(0, 7))).toEqual([{ begin: 0, end: 0 }]);
  });
});
