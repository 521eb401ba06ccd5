import { describe, expect, it } from "vitest";
import { drawnLines, scrollRange, scrollTopFor, TALLEST } from "./scroll-range.js";

describe("scrollRange", () => {
  it("draws what is on the screen and a margin", () => {
    expect(scrollRange(1000, 22, 2200, 440)).toEqual({
      contentHeight: 22_000,
      begin: 96,
      end: 124,
      top: 2200 - 4 * 22,
    });
    expect(scrollRange(1000, 22, 0, 440)).toMatchObject({ begin: 0, end: 24, top: 0 });
    expect(scrollRange(3, 22, 0, 440)).toEqual({ contentHeight: 66, begin: 0, end: 3, top: 0 });
    expect(scrollRange(0, 22, 0, 440)).toEqual({ contentHeight: 0, begin: 0, end: 0, top: 0 });
  });

  it("takes a scroll position from an earlier, longer list", () => {
    const { begin, end } = scrollRange(100, 22, 1e9, 440);
    expect(end).toBe(100);
    expect(begin).toBe(76);
  });

  it("reaches every line of a list that is taller than browsers allow", () => {
    const lines = 5_000_000;
    const scrollable = TALLEST - 440;
    expect(scrollRange(lines, 22, 0, 440)).toMatchObject({ contentHeight: TALLEST, begin: 0, top: 0 });
    const last = scrollRange(lines, 22, scrollable, 440);
    expect(last.end).toBe(lines);
    expect(last.top + (last.end - last.begin) * 22).toBeCloseTo(TALLEST, 3);
    const middle = scrollRange(lines, 22, scrollable / 2, 440);
    expect(Math.abs((middle.begin + middle.end) / 2 - lines / 2)).toBeLessThan(2);
  });
});

describe("scrollTopFor", () => {
  it("stays where the line is seen", () => {
    expect(scrollTopFor(105, 1000, 22, 2200, 440)).toBe(2200);
  });

  it("scrolls as little as it can", () => {
    expect(scrollTopFor(99, 1000, 22, 2200, 440)).toBe(99 * 22);
    expect(scrollTopFor(120, 1000, 22, 2200, 440)).toBe(121 * 22 - 440);
    expect(scrollTopFor(999, 1000, 22, 0, 440)).toBe(22_000 - 440);
  });

  it.each([0, 1, 2_499_999, 4_999_999])("shows line %i of a list that is too tall", (line) => {
    const scrollTop = scrollTopFor(line, 5_000_000, 22, 1_000_000, 440);
    const { begin, end, top } = scrollRange(5_000_000, 22, scrollTop, 440);
    expect(line).toBeGreaterThanOrEqual(begin);
    expect(line).toBeLessThan(end);
    const y = top + (line - begin) * 22 - scrollTop;
    expect(y).toBeGreaterThan(-1);
    expect(y + 22).toBeLessThan(441);
  });
});

describe("drawnLines", () => {
  const range = { contentHeight: 2200, begin: 10, end: 12, top: 220 };

  it("draws the range, and the focused line above or below it in its place", () => {
    const inside = [
      { line: 10, top: 220 },
      { line: 11, top: 242 },
    ];
    expect(drawnLines(range, 100, 22, 11)).toEqual(inside);
    expect(drawnLines(range, 100, 22, 3)).toEqual([{ line: 3, top: 66 }, ...inside]);
    expect(drawnLines(range, 100, 22, 50)).toEqual([...inside, { line: 50, top: 1100 }]);
  });

  it("keeps a focused line within a list that is taller than a page can be, and draws none that is not there", () => {
    expect(drawnLines(range, 1_000_000, 22, 900_000).at(-1)).toEqual({ line: 900_000, top: 2178 });
    expect(drawnLines({ contentHeight: 0, begin: 0, end: 0, top: 0 }, 0, 22, 0)).toEqual([]);
  });
});
