import { describe, expect, it } from "vitest";
import { steppedPoint } from "./plot.js";

describe("steppedPoint", () => {
  it.each([
    ["ArrowRight", undefined, 0],
    ["ArrowRight", 41, 42],
    ["ArrowRight", 99, 99],
    ["ArrowLeft", undefined, 99],
    ["ArrowLeft", 0, 0],
    ["PageDown", 5, 15],
    ["PageUp", 5, 0],
    ["Home", 50, 0],
    ["End", undefined, 99],
  ])("%s from %s", (key, from, to) => {
    expect(steppedPoint(key, from, 100)).toBe(to);
  });

  it("leaves other keys alone", () => {
    expect(steppedPoint("Tab", 3, 100)).toBeUndefined();
    expect(steppedPoint("ArrowUp", 3, 100)).toBeUndefined();
  });
});
