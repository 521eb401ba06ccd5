import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clampViewport, panBy, visibleWindow, wholeMatrix } from "./matrix-viewport.js";
import { tileRequest } from "./tile-request.js";

const SIZE = { rows: 4096, columns: 11008 };

describe("tileRequest", () => {
  it("asks for a tile a device pixel", () => {
    const pixels = { width: 1000, height: 500 };
    expect(tileRequest(wholeMatrix(SIZE), SIZE, pixels)).toEqual({
      window: { row: 0, rows: 4096, column: 0, columns: 11008 },
      maxWidth: 918, // ceil(11008 / 12), a tile being ceil(11.008) columns
      maxHeight: 456,
    });
  });

  it("asks for single weights when zoomed in", () => {
    const request = tileRequest({ row: 10.5, rows: 20, column: 7.25, columns: 30 }, SIZE, { width: 900, height: 600 });
    expect(request).toEqual({ window: { row: 10, rows: 21, column: 7, columns: 31 }, maxWidth: 31, maxHeight: 21 });
  });

  it("covers what is shown, within the limits, for any viewport", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const length = fc.integer({ min: 1, max: 1e6 });
    const pixel = fc.integer({ min: 1, max: 6000 });
    fc.assert(
      fc.property(
        length,
        length,
        pixel,
        pixel,
        share,
        share,
        share,
        share,
        (rows, columns, width, height, a, b, c, d) => {
          const size = { rows, columns };
          const pixels = { width, height };
          const viewport = clampViewport(
            { row: a * rows, rows: b * rows, column: c * columns, columns: d * columns },
            size,
            pixels,
          );
          const shown = visibleWindow(viewport, size);
          const { window, maxWidth, maxHeight } = tileRequest(viewport, size, pixels);
          expect(window.row).toBeLessThanOrEqual(shown.row);
          expect(window.column).toBeLessThanOrEqual(shown.column);
          expect(window.row + window.rows).toBeGreaterThanOrEqual(shown.row + shown.rows);
          expect(window.column + window.columns).toBeGreaterThanOrEqual(shown.column + shown.columns);
          expect(window.row + window.rows).toBeLessThanOrEqual(rows);
          expect(window.column + window.columns).toBeLessThanOrEqual(columns);
          for (const tiles of [maxWidth, maxHeight]) {
            expect(tiles).toBeGreaterThanOrEqual(1);
            expect(tiles).toBeLessThanOrEqual(2048);
          }
        },
      ),
    );
  });

  it("keeps the borders of tiles while panning", () => {
    const pixels = { width: 500, height: 500 };
    let viewport = { row: 0, rows: 2048, column: 0, columns: 5000 };
    for (let i = 0; i < 20; i++) {
      viewport = panBy(viewport, { x: 0.013, y: 0.007 }, SIZE, pixels);
      const { window } = tileRequest(viewport, SIZE, pixels);
      expect([window.row % 5, window.column % 10]).toEqual([0, 0]);
    }
  });
});
