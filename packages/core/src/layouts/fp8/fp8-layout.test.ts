import { describe, expect, it } from "vitest";
import { expectedValues, goldenCases, openGolden, roundedWeight } from "../golden-checkpoint.fixture.js";
import { recogniseWeights } from "../recognise.js";

const cases = goldenCases("fp8");

describe("fp8 layout", () => {
  it.each(cases)("has the weights of the client to the bit: $name", async (golden) => {
    const checkpoint = await openGolden(golden);
    const weights = recogniseWeights(checkpoint);
    expect(weights.map(({ name, kind }) => [name, kind])).toEqual([[Object.keys(golden.expected)[0], "quantized"]]);
    const expected = golden.expected[weights[0]!.name]!;
    expect(weights[0]).toMatchObject({ shape: expected.shape, layout: "fp8" });
    expect(await roundedWeight(checkpoint, weights[0]!, expected.dtype)).toEqual(expectedValues(expected));
  });
});
