import { describe, expect, it } from "vitest";
import { type MapInput, mapQuery, sameFigures, sameValues } from "./map-input.js";

const INPUT: MapInput = {
  name: "w",
  side: { kind: "own" },
  rows: 10,
  columns: 20,
  shading: "sigma",
  std: 1,
  threshold: 6,
  colors: "theme",
  logarithmic: false,
  rangeOfWindow: false,
  markOutliers: false,
};
const TILES = { window: { row: 0, rows: 10, column: 0, columns: 20 }, maxWidth: 20, maxHeight: 10 };

describe("mapQuery", () => {
  it("asks for magnitudes for |w| / σ, and for the same picture under every threshold", () => {
    const query = mapQuery(INPUT, TILES);
    expect(query).toMatchObject({ name: "w", quantity: "magnitude", ...TILES });
    expect(mapQuery({ ...INPUT, threshold: 3 }, TILES)).toEqual(query);
    expect(mapQuery({ ...INPUT, threshold: undefined, std: 0 }, TILES)).toEqual(query);
  });

  it("counts outliers where they are marked or are the figure", () => {
    expect(mapQuery({ ...INPUT, markOutliers: true }, TILES)!.threshold).toBe(6);
    expect(mapQuery({ ...INPUT, shading: "outliers" }, TILES)).toMatchObject({ quantity: "outliers", threshold: 6 });
  });

  it("waits for what it needs", () => {
    expect(mapQuery({ ...INPUT, shading: "outliers", threshold: undefined }, TILES)).toBeUndefined();
    expect(mapQuery({ ...INPUT, shading: "error" }, TILES)).toBeUndefined();
    const against = { kind: "trial", trial: "t" } as const;
    expect(mapQuery({ ...INPUT, shading: "error", against }, TILES)).toMatchObject({ quantity: "error", against });
    expect(mapQuery({ ...INPUT, shading: "sign", against }, TILES)).not.toHaveProperty("against");
  });
});

describe("sameFigures", () => {
  it("tells other colours from other figures", () => {
    expect(sameFigures(INPUT, { ...INPUT, colors: "grey", logarithmic: true, std: 2, shading: "magnitude" })).toBe(
      true,
    );
    expect(sameFigures(INPUT, { ...INPUT, threshold: 3 })).toBe(true);
    expect(sameFigures({ ...INPUT, markOutliers: true }, { ...INPUT, markOutliers: true, threshold: 3 })).toBe(false);
    expect(sameFigures(INPUT, { ...INPUT, shading: "sign" })).toBe(false);
    expect(sameValues(INPUT, { ...INPUT, side: { kind: "compared" } })).toBe(false);
    expect(sameValues(INPUT, { ...INPUT, name: "v" })).toBe(false);
  });
});
