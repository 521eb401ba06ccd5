import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ErrorColumn } from "../../protocol/compare-messages.js";
import { compareColumns } from "./compare-columns.js";
import { gridStep } from "./compare-grid.js";
import { parseCompareState, SORT_KEYS, sortedBy } from "./compare-state.js";
import { columnShare, describeErrorColumn, highestTick, summarizeErrorColumns } from "./error-skyline.js";

const column = (sqnrDb: number, measured = 1): ErrorColumn => ({
  label: "layers 0",
  firstWeight: "w",
  sqnrDb,
  relativeError: 0.1,
  measured,
});

describe("parts of the compare page", () => {
  it("draws columns as high as their SQNR", () => {
    expect(highestTick([column(12), column(27.5), column(Number.NaN)])).toBe(30);
    expect(highestTick([column(Number.POSITIVE_INFINITY)])).toBe(10);
    expect([12, -3, Number.POSITIVE_INFINITY, Number.NaN].map((decibels) => columnShare(column(decibels), 30))).toEqual(
      [0.4, 0, 1, 0],
    );
    expect(columnShare(column(12, 0), 30)).toBe(0);
  });

  it("says in words what the picture shows", () => {
    expect(describeErrorColumn(column(12))).toBe("layers 0: SQNR 12 dB, relative error 0.1");
    expect(describeErrorColumn(column(Number.NaN, 0))).toBe("layers 0: not measured yet");
    expect(summarizeErrorColumns([column(Number.NaN, 0)])).toBe("Nothing is measured yet.");
    expect(summarizeErrorColumns([column(Number.POSITIVE_INFINITY)])).toBe("All 1 blocks are equal.");
    expect(summarizeErrorColumns([column(9), column(12), column(1, 0)])).toContain(
      "2 of 3 blocks measured; least SQNR 9 dB",
    );
  });

  it("says of integers whether they are equal, once", () => {
    const line = { name: "ids", shape: [2], left: "I32", right: "I32" };
    const texts = (equal?: boolean) =>
      compareColumns()
        .slice(4)
        .map(({ text }) => text({ ...line, ...(equal !== undefined && { equal }) }));
    expect(texts()).toEqual(["–", "–", "–", "–"]);
    expect(texts(true)).toEqual(["–", "equal", "–", "–"]);
    expect(texts(false)).toEqual(["–", "not equal", "–", "–"]);
  });

  it("stays inside the grid, whatever is pressed", () => {
    const key = fc.constantFrom("ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "PageDown", "PageUp", "Home", "End");
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.array(key, { maxLength: 30 }), (lines, keys) => {
        const size = { lines, columns: 8, pageLines: 9 };
        let at = { line: 0, column: 0 };
        for (const pressed of keys) at = gridStep(pressed, at, size)!;
        expect(at.line).toBeGreaterThanOrEqual(0);
        expect(at.line).toBeLessThan(lines);
        expect(at.column).toBeGreaterThanOrEqual(0);
        expect(at.column).toBeLessThan(8);
      }),
    );
    expect(gridStep("x", { line: 0, column: 0 }, { lines: 3, columns: 8, pageLines: 2 })).toBeUndefined();
  });

  it("survives any kept state, and sorts by every key", () => {
    fc.assert(
      fc.property(fc.anything(), (kept) => {
        const state = parseCompareState(kept);
        expect(SORT_KEYS).toContain(state.sort);
        expect(state.firstLine).toBeGreaterThanOrEqual(0);
      }),
    );
    for (const key of SORT_KEYS) {
      const once = sortedBy(parseCompareState(undefined), key);
      expect(sortedBy(once, key)).toMatchObject({ sort: key, descending: !once.descending, firstLine: 0 });
    }
  });
});
