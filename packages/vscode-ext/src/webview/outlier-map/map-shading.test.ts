import { describe, expect, it } from "vitest";
import type { MapPicture } from "../../protocol/tensor-messages.js";
import { colorScale, largestTile, MAP_SHADINGS, scaleMarks, scalePosition, scaleValue } from "./map-shading.js";

function picture(...values: number[]): MapPicture {
  return {
    window: { row: 0, rows: 1, column: 0, columns: values.length },
    tileRows: 1,
    tileColumns: 1,
    tilesDown: 1,
    tilesAcross: values.length,
    values: Float32Array.from(values),
    isCoarse: false,
  };
}

describe("colorScale", () => {
  const linear = { logarithmic: false, std: 0.5 };
  const logarithmic = { logarithmic: true, std: 0.5 };

  it("shows |w| / σ up to the largest tile, at least to 6 σ", () => {
    expect(colorScale("sigma", picture(1, 2), linear)).toEqual({ kind: "linear", low: 0, high: 3, unit: 0.5 });
    const scale = colorScale("sigma", picture(1, 8), linear);
    expect(scaleMarks(scale).map(({ value }) => value)).toEqual([0, 4, 8, 12, 16]);
  });

  it("begins a logarithmic scale where nearly all tiles lie above", () => {
    const values = Array.from({ length: 100 }, (_, i) => (i + 1) / 10);
    expect(colorScale("magnitude", picture(...values), logarithmic)).toMatchObject({ kind: "logarithmic", high: 10 });
    expect(colorScale("magnitude", picture(...values), logarithmic).low).toBeCloseTo(0.3, 6);
    expect(colorScale("magnitude", picture(0, 0, 0, 1e-30, 1), logarithmic).low).toBeCloseTo(1e-5, 12);
  });

  it("has two different ends for any tiles", () => {
    const cases = [picture(0, 0), picture(3, 3), picture(Number.NaN), picture(), picture(Number.POSITIVE_INFINITY, 2)];
    for (const shading of MAP_SHADINGS) {
      for (const tiles of cases) {
        for (const options of [
          linear,
          logarithmic,
          { logarithmic: true, std: 0 },
          { logarithmic: false, std: Number.NaN },
        ]) {
          const { low, high } = colorScale(shading, tiles, options);
          expect(Number.isFinite(low) && Number.isFinite(high) && low < high).toBe(true);
        }
      }
    }
  });

  it("ends where it is told to, whatever the tiles are", () => {
    expect(colorScale("error", picture(1, 2), { ...linear, end: 5 })).toMatchObject({ low: 0, high: 5 });
    expect(colorScale("error", picture(1, 2), { ...linear, end: undefined }).high).toBe(2);
    expect(colorScale("error", picture(1, 2), { ...linear, end: 0 }).high).toBe(1);
  });

  it("shows signs from −1 to 1 whatever the tiles are", () => {
    expect(colorScale("sign", picture(0.1), logarithmic)).toEqual({ kind: "diverging", low: -1, high: 1, unit: 1 });
  });
});

describe("largestTile", () => {
  it("is the largest finite tile, 0 where there is none", () => {
    expect(largestTile(picture(1, Number.NaN, 4, Number.POSITIVE_INFINITY))).toBe(4);
    expect(largestTile(picture(Number.NaN))).toBe(0);
  });
});

describe("scalePosition", () => {
  it("is the inverse of scaleValue within the scale, and clamps outside", () => {
    for (const kind of ["linear", "logarithmic", "diverging"] as const) {
      const scale = { kind, low: kind === "diverging" ? -1 : 0.5, high: 16, unit: 1 };
      for (const position of [0, 0.1, 0.5, 1]) {
        expect(scalePosition(scale, scaleValue(scale, position))).toBeCloseTo(position, 12);
      }
      expect(scalePosition(scale, 1000)).toBe(1);
      expect(scalePosition(scale, Number.NaN)).toBe(0);
      expect(scalePosition({ ...scale, low: 0.5 }, 0)).toBe(0);
    }
  });
});
