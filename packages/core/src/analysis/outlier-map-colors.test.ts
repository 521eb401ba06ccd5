import { describe, expect, it } from "vitest";
import { type Color, colorAt } from "./color-scale.js";
import { type ColoredTiles, outlierMapColors } from "./outlier-map-colors.js";

/** CIE L* of an sRGB colour. */
function lightness([red, green, blue]: Color): number {
  const linear = (channel: number) =>
    channel <= 10.31475 ? channel / 255 / 12.92 : ((channel / 255 + 0.055) / 1.055) ** 2.4;
  const luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  return luminance > 216 / 24389 ? 116 * Math.cbrt(luminance) - 16 : (24389 / 27) * luminance;
}

const map: ColoredTiles = { tilesDown: 2, tilesAcross: 2, absMaximum: Float32Array.of(0, 1, 4, 8) };

describe("colorAt", () => {
  it("rises evenly in lightness", () => {
    const steps = Array.from({ length: 33 }, (_, i) => lightness(colorAt(i / 32)));
    const each = (steps[32]! - steps[0]!) / 32;
    expect(each).toBeGreaterThan(2);
    for (let i = 1; i < steps.length; i++) {
      expect(steps[i]! - steps[i - 1]!).toBeGreaterThan(0.5 * each);
      expect(steps[i]! - steps[i - 1]!).toBeLessThan(1.5 * each);
    }
  });

  it("clamps", () => {
    expect([colorAt(-1), colorAt(Number.NaN), colorAt(2)]).toEqual([colorAt(0), colorAt(0), colorAt(1)]);
  });
});

describe("outlierMapColors", () => {
  it("colours by max |w| / std, opaque, and says what the colours mean", () => {
    const { rgba, width, height, legend } = outlierMapColors(map, { std: 0.5, scale: "linear" });
    expect([width, height, rgba.length]).toEqual([2, 2, 16]);
    const expected = [0, 2, 8, 16].flatMap((sigmas) => [...colorAt(sigmas / 16), 255]);
    expect([...rgba]).toEqual(expected);
    expect(legend.map(({ value }) => value)).toEqual([0, 4, 8, 12, 16]);
  });

  it("has a log scale, a floor of 6 std, and a fixed top on request", () => {
    const log = outlierMapColors(map, { std: 8, scale: "log" });
    expect(log.legend.at(0)!.value).toBe(0.5);
    expect(log.legend.at(-1)!.value).toBeCloseTo(6, 12);
    expect(outlierMapColors(map, { std: 1, scale: "linear", top: 100 }).legend.at(-1)!.value).toBe(100);
  });

  it("paints a constant tensor evenly and refuses impossible scales", () => {
    const { rgba } = outlierMapColors(map, { std: 0, scale: "linear" });
    expect(new Set(Array.from({ length: 4 }, (_, i) => rgba.slice(4 * i, 4 * i + 4).join())).size).toBe(1);
    for (const options of [{ std: -1 }, { std: Number.NaN }, { std: 1, top: 0 }]) {
      expect(() => outlierMapColors(map, { scale: "log", ...options })).toThrow(
        expect.objectContaining({ code: "analysis/invalid-option" }),
      );
    }
  });
});
