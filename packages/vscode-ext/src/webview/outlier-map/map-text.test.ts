import { describe, expect, it } from "vitest";
import { somePicture } from "./map-context.fixture.js";
import { readoutText, summaryText, tileAt, topTiles } from "./map-text.js";

const WINDOW = { row: 10, rows: 5, column: 100, columns: 7 };
const SIGMA = { shading: "sigma", std: 0.5 } as const;
const NOTHING = { threshold: undefined, count: undefined };

describe("tileAt", () => {
  it("finds the tile of every cell, the last ones being smaller", () => {
    const picture = somePicture(WINDOW, 2, 3);
    expect(tileAt(picture, { row: 10, column: 100 })).toEqual({
      window: { row: 10, rows: 2, column: 100, columns: 3 },
      value: 0,
    });
    expect(tileAt(picture, { row: 14, column: 106 })).toEqual({
      window: { row: 14, rows: 1, column: 106, columns: 1 },
      value: 8,
    });
    for (const cell of [
      { row: 9, column: 100 },
      { row: 10, column: 99 },
      { row: 16, column: 100 },
      { row: 10, column: 109 },
    ]) {
      expect(tileAt(picture, cell)).toBeUndefined();
    }
  });
});

describe("topTiles", () => {
  it("lists the largest first, the farthest from 0 for signs, and no tile without a value", () => {
    const picture = {
      ...somePicture({ row: 0, rows: 1, column: 0, columns: 6 }),
      values: Float32Array.of(1, -5, Number.NaN, 3, 5, 2),
    };
    expect(topTiles(picture, 4).map(({ value, window }) => [value, window.column])).toEqual([
      [-5, 1],
      [5, 4],
      [3, 3],
      [2, 5],
    ]);
    expect(topTiles(picture, 99)).toHaveLength(5);
  });
});

describe("readoutText", () => {
  const cell = { row: 12, column: 3400 };
  const single = { window: { ...cell, rows: 1, columns: 1 }, value: 0.75, outliers: 0 };
  const tile = { window: { row: 12, rows: 4, column: 3398, columns: 8 }, value: 4, outliers: 2 };

  it("tells place, value and σ", () => {
    expect(readoutText(cell, single, { value: -0.75 }, SIGMA)).toBe("row 12, column 3,400: -0.75 · 1.5 σ");
  });

  it("tells the tile, too, when it is more than the weight", () => {
    expect(readoutText(cell, tile, { value: 0.25 }, SIGMA)).toBe(
      "row 12, column 3,400: 0.25 · 0.5 σ · rows 12–15, columns 3,398–3,405: Largest |w| / σ 8 σ · 2 outliers",
    );
  });

  it("tells both sides where there are two", () => {
    expect(readoutText(cell, undefined, { value: 1, other: 0.75 }, { shading: "error", std: 0.5 })).toBe(
      "row 12, column 3,400: 1 · other 0.75, difference 0.25",
    );
  });

  it("names what is no number, and waits for what is not here", () => {
    expect(
      readoutText(cell, { ...single, value: Number.NaN }, { value: Number.NaN }, { shading: "sign", std: 1 }),
    ).toBe("row 12, column 3,400: NaN · Mean sign: no finite value");
    expect(readoutText(cell, undefined, undefined, SIGMA)).toBe("row 12, column 3,400");
  });
});

describe("summaryText", () => {
  it("says what is shown, where the largest lies and how many outliers there are", () => {
    const picture = { ...somePicture(WINDOW, 2, 3, 0.5), outlierCount: Float32Array.of(0, 0, 0, 0, 0, 0, 0, 3, 1) };
    expect(summaryText(picture, SIGMA, { threshold: 3, count: 12 })).toBe(
      "Largest |w| / σ, tile by tile of 2 × 3 weights, in rows 10–14, columns 100–106: 0 σ to 8 σ. " +
        "The largest, 8 σ, lies in row 14, column 106. 12 weights of the whole matrix are outliers: |w| > 3. " +
        "In what is shown: 4 in 2 of 9 tiles.",
    );
  });

  it("has words for one weight, for none finite, and for holes", () => {
    const one = somePicture({ row: 0, rows: 1, column: 0, columns: 1 });
    expect(summaryText(one, { shading: "magnitude", std: 0 }, NOTHING)).toBe(
      "Largest |w|, weight by weight, in row 0, column 0: 0 to 0. The largest, 0, lies in row 0, column 0.",
    );
    const none = { ...one, values: Float32Array.of(Number.NaN) };
    expect(summaryText(none, SIGMA, NOTHING)).toBe("Largest |w| / σ: no finite value in row 0, column 0.");
    const holes = {
      ...somePicture({ row: 0, rows: 1, column: 0, columns: 3 }),
      values: Float32Array.of(1, Number.NaN, Number.NaN),
    };
    expect(summaryText(holes, SIGMA, NOTHING)).toMatch(/2 tiles hold no finite value\.$/);
  });
});
