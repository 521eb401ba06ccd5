import { describe, expect, it } from "vitest";
import { packNumbers, unpackNumbers } from "./json-numbers.js";

/** What the editor does with a message on its way to a page, typed arrays aside. */
const throughJson = (value: unknown): unknown => unpackNumbers(JSON.parse(JSON.stringify(packNumbers(value))));

describe("packNumbers", () => {
  it.each([
    { sqnrDb: Number.POSITIVE_INFINITY },
    { rows: [{ a: Number.NaN }, { a: 1 }, { a: Number.NEGATIVE_INFINITY }] },
    [Number.NaN, [Number.NaN, "NaN", null, true]],
    { $number: "text", other: { $number: 3 } },
    {},
    [],
    "text",
    Number.NaN,
  ])("%o arrives as it was", (value) => {
    expect(throughJson(value)).toEqual(value);
  });

  it("copies nothing that holds no such number, and no typed array", () => {
    const plain = { rows: [{ a: 1 }], name: "n" };
    expect(packNumbers(plain)).toBe(plain);
    expect(unpackNumbers(plain)).toBe(plain);
    const values = new Float32Array([Number.NaN, 1]);
    const mixed = packNumbers({ values, sqnrDb: Number.NaN, plain }) as { values: unknown; plain: unknown };
    expect(mixed.values).toBe(values);
    expect(mixed.plain).toBe(plain);
    expect(packNumbers(values)).toBe(values);
  });

  it("does not change what it was given", () => {
    const given = { list: [Number.NaN] };
    packNumbers(given);
    expect(given).toEqual({ list: [Number.NaN] });
  });
});
