import { describe, expect, it } from "vitest";
import { colorAt } from "./color-scale.js";
import { tileColors } from "./tile-colors.js";

const map = { tilesAcross: 2, tilesDown: 2, values: Float32Array.of(-1, 0, 3, Number.NaN) };

describe("tileColors", () => {
  it("colours from bottom to top, opaque, and says what the colours mean", () => {
    const { width, height, rgba, legend } = tileColors(map, { bottom: -1, top: 1 });
    expect([width, height]).toEqual([2, 2]);
    expect([...rgba]).toEqual([0, 0.5, 1, 0].flatMap((position) => [...colorAt(position), 255]));
    expect(legend.map(({ value }) => value)).toEqual([-1, -0.5, 0, 0.5, 1]);
    expect(legend[4]!.color).toEqual(colorAt(1));
  });

  it.each([
    [1, 1],
    [Number.NaN, 1],
    [0, Number.POSITIVE_INFINITY],
  ])("refuses %s to %s", (bottom, top) => {
    expect(() => tileColors(map, { bottom, top })).toThrow(
      expect.objectContaining({ code: "analysis/invalid-option" }),
    );
  });
});
