import { describe, expect, it } from "vitest";
import { expectedValues, goldenCases, openGolden, roundedWeight } from "../golden-checkpoint.fixture.js";
import { recogniseWeights } from "../recognise.js";

const cases = goldenCases("bitsandbytes");
const [eightBit, fourBit] = [true, false].map((is) => cases.filter(({ name }) => name.startsWith("LLM") === is));

describe("bitsandbytes layout", () => {
  it.each(fourBit!)("has the weights of the client to the bit: $name", async (golden) => {
    const checkpoint = await openGolden(golden);
    const weights = recogniseWeights(checkpoint);
    expect(weights.map(({ name, kind }) => [name, kind])).toEqual([[Object.keys(golden.expected)[0], "quantized"]]);
    const expected = golden.expected[weights[0]!.name]!;
    expect(weights[0]).toMatchObject({ shape: expected.shape, layout: "bitsandbytes" });
    expect(await roundedWeight(checkpoint, weights[0]!, expected.dtype)).toEqual(expectedValues(expected));
  });

  it.each(eightBit!)("has the weights of the client but for the order of its two products: $name", async (golden) => {
    const checkpoint = await openGolden(golden);
    const [weight] = recogniseWeights(checkpoint);
    const expected = golden.expected[weight!.name]!;
    const values = await roundedWeight(checkpoint, weight!, expected.dtype);
    const client = expectedValues(expected);
    // Each of the two has two roundings of at most 2^−24.
    for (const [i, value] of values.entries()) {
      expect(Math.abs(value - client[i]!)).toBeLessThanOrEqual(4 * 2 ** -24 * Math.abs(client[i]!));
    }
  });
});
