import { describe, expect, it } from "vitest";
import { type QualityPoint, qualityPicture } from "./quality-picture.js";

const point = (name: string, bitsPerWeight: number, perplexity: number): QualityPoint => ({
  name,
  kind: "data-free",
  bitsPerWeight,
  perplexity,
});

describe("qualityPicture", () => {
  const picture = qualityPicture("tiny <1>", 20, [
    point("a & b", 4, 20.2),
    point("c", 2, 40),
    point("collapsed", 1, 1e6),
    point("better by chance", 8, 19.99),
    point("broken", 3, Number.NaN),
  ]);

  it("names every point, with characters that XML allows", () => {
    expect(picture).toContain(">a &#38; b</text>");
    expect(picture).toContain("<title>tiny &#60;1&#62;: perplexity");
    expect(picture).toContain(">collapsed</text>");
    expect(picture.match(/<circle/g)).toHaveLength(5 + 1); // and one in the legend
  });

  it("draws numbers only", () => expect(picture).not.toMatch(/NaN|Infinity|undefined/));

  it("has text colours for light and dark pages", () => expect(picture).toContain("prefers-color-scheme: dark"));
});
