import { describe, expect, it } from "vitest";
import { rampColor, VIRIDIS } from "./color-ramp.js";
import { type ColorScale, scalePosition } from "./map-shading.js";
import { colorLookup, paintTiles } from "./paint-tiles.js";

const LINEAR: ColorScale = { kind: "linear", low: 0, high: 8, unit: 1 };
const LOGARITHMIC: ColorScale = { kind: "logarithmic", low: 0.01, high: 10, unit: 1 };
const SIGN: ColorScale = { kind: "diverging", low: -1, high: 1, unit: 1 };

function pixel(scale: ColorScale, value: number): number[] {
  return [...paintTiles(Float32Array.of(value), colorLookup(scale, VIRIDIS))];
}

describe("paintTiles", () => {
  it.each([LINEAR, LOGARITHMIC, SIGN])("paints within two steps of the ramp's own colour ($kind)", (scale) => {
    const values = Float32Array.from({ length: 1400 }, (_, i) => -10 + i / 70);
    const pixels = paintTiles(values, colorLookup(scale, VIRIDIS));
    for (const [i, value] of values.entries()) {
      const [red, green, blue, alpha] = pixels.subarray(4 * i);
      expect(alpha).toBe(255);
      const place = Math.round(255 * scalePosition(scale, value));
      const near = Array.from({ length: 5 }, (_, i) => rampColor(VIRIDIS, (place + i - 2) / 255).join());
      expect(near).toContain([red, green, blue].join());
    }
  });

  it("leaves tiles without a finite value transparent", () => {
    for (const scale of [LINEAR, LOGARITHMIC, SIGN]) {
      expect(pixel(scale, Number.NaN)).toEqual([0, 0, 0, 0]);
    }
  });

  it("paints both ends, zero and the infinities", () => {
    expect(pixel(LINEAR, 0)).toEqual([...VIRIDIS[0]!, 255]);
    expect(pixel(LOGARITHMIC, 0)).toEqual([...VIRIDIS[0]!, 255]);
    expect(pixel(LINEAR, 8)).toEqual([...VIRIDIS.at(-1)!, 255]);
    expect(pixel(LOGARITHMIC, Number.POSITIVE_INFINITY)).toEqual([...VIRIDIS.at(-1)!, 255]);
    expect(pixel(SIGN, -1)).toEqual([...VIRIDIS[0]!, 255]);
    expect(pixel(SIGN, Number.NEGATIVE_INFINITY)).toEqual([...VIRIDIS[0]!, 255]);
    expect(pixel(SIGN, 1)).toEqual([...VIRIDIS.at(-1)!, 255]);
  });

  it("takes windows into a longer buffer", () => {
    const values = Float32Array.of(5, 0, 8).subarray(1);
    expect([...paintTiles(values, colorLookup(LINEAR, VIRIDIS))]).toEqual([
      ...VIRIDIS[0]!,
      255,
      ...VIRIDIS.at(-1)!,
      255,
    ]);
  });
});
