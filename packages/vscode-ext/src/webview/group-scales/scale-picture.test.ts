import { describe, expect, it } from "vitest";
import { extremeTiles, type ScaleTerm, scalePicture, scaleSummary } from "./scale-picture.js";

const TERM: ScaleTerm = {
  label: "affine 4-bit g32",
  rows: 5,
  groups: 3,
  groupSize: 32,
  tileRows: 2,
  tileGroups: 1,
  scales: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, Number.NaN),
  zeros: Float32Array.from({ length: 9 }, (_, i) => 10 * i),
  minimum: 1,
  maximum: 8,
};

describe("scales of groups", () => {
  it("are tiles of rows and groups", () => {
    expect(scalePicture(TERM)).toMatchObject({ tilesDown: 3, tilesAcross: 3, window: { rows: 5, columns: 3 } });
  });

  it("are listed by size, each with its place", () => {
    const { largest, smallest } = extremeTiles(TERM, 2);
    expect(largest).toEqual([
      { rows: "4", groups: "1", scale: 8, zero: 70 },
      { rows: "4", groups: "0", scale: 7, zero: 60 },
    ]);
    expect(smallest).toEqual([
      { rows: "0–1", groups: "0", scale: 1, zero: 0 },
      { rows: "0–1", groups: "1", scale: 2, zero: 10 },
    ]);
  });

  it("are told in words", () => {
    expect(scaleSummary(TERM)).toBe("5 rows of 3 groups, 32 weights a group. Scales from 1 to 8, a ratio of 8.");
  });
});
