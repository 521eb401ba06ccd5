import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  cellAt,
  centreOn,
  clampViewport,
  isWhole,
  panBy,
  reveal,
  visibleWindow,
  wholeMatrix,
  zoomAbout,
} from "./matrix-viewport.js";

const SIZE = { rows: 4096, columns: 11008 };
const PIXELS = { width: 720, height: 360 };
const share = fc.double({ min: 0, max: 1, noNaN: true });
const anySize = fc.record({ rows: fc.integer({ min: 1, max: 1e6 }), columns: fc.integer({ min: 1, max: 1e6 }) });
const anyPoint = fc.record({ x: share, y: share });
const anyViewport = anySize.chain((size) =>
  fc.record({
    size: fc.constant(size),
    viewport: fc
      .record({ row: share, rows: share, column: share, columns: share })
      .map(({ row, rows, column, columns }) =>
        clampViewport(
          {
            row: row * size.rows,
            rows: rows * size.rows,
            column: column * size.columns,
            columns: columns * size.columns,
          },
          size,
          PIXELS,
        ),
      ),
  }),
);

describe("matrix viewport", () => {
  it("zooms in by two about the middle", () => {
    const zoomed = zoomAbout(wholeMatrix(SIZE), 2, { x: 0.5, y: 0.5 }, SIZE, PIXELS);
    expect(zoomed).toEqual({ row: 1024, rows: 2048, column: 2752, columns: 5504 });
  });

  it("stops at cells with room for a number", () => {
    const zoomed = zoomAbout(wholeMatrix(SIZE), 1e9, { x: 0, y: 0 }, SIZE, PIXELS);
    expect(zoomed).toEqual({ row: 0, rows: 10, column: 0, columns: 10 });
  });

  it("shows a matrix smaller than that whole", () => {
    const size = { rows: 1, columns: 7 };
    expect(zoomAbout(wholeMatrix(size), 8, { x: 1, y: 1 }, size, PIXELS)).toEqual(wholeMatrix(size));
  });

  it("keeps the cell under the pointer, wherever the borders allow it", () => {
    fc.assert(
      fc.property(
        anyViewport,
        anyPoint,
        fc.double({ min: 1, max: 64, noNaN: true }),
        ({ size, viewport }, at, factor) => {
          const zoomed = zoomAbout(viewport, factor, at, size, PIXELS);
          const before = viewport.row + at.y * viewport.rows;
          expect(zoomed.row + at.y * zoomed.rows).toBeCloseTo(before, 5);
          expect(zoomed.column + at.x * zoomed.columns).toBeCloseTo(viewport.column + at.x * viewport.columns, 5);
        },
      ),
    );
  });

  it("never leaves the matrix, whatever is done", () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant("zoom" as const),
        factor: fc.double({ min: 0.01, max: 100, noNaN: true }),
        at: anyPoint,
      }),
      fc.record({
        kind: fc.constant("pan" as const),
        by: fc.record({
          x: fc.double({ min: -5, max: 5, noNaN: true }),
          y: fc.double({ min: -5, max: 5, noNaN: true }),
        }),
      }),
      fc.record({ kind: fc.constant("centre" as const), at: anyPoint }),
    );
    fc.assert(
      fc.property(anySize, fc.array(step, { maxLength: 20 }), (size, steps) => {
        let viewport = wholeMatrix(size);
        for (const each of steps) {
          if (each.kind === "zoom") viewport = zoomAbout(viewport, each.factor, each.at, size, PIXELS);
          else if (each.kind === "pan") viewport = panBy(viewport, each.by, size, PIXELS);
          else {
            const cell = cellAt(wholeMatrix(size), each.at, size);
            viewport = centreOn(viewport, cell, size, PIXELS);
          }
          expect(viewport.row).toBeGreaterThanOrEqual(0);
          expect(viewport.column).toBeGreaterThanOrEqual(0);
          expect(viewport.row + viewport.rows).toBeLessThanOrEqual(size.rows + 1e-6);
          expect(viewport.column + viewport.columns).toBeLessThanOrEqual(size.columns + 1e-6);
          const shown = visibleWindow(viewport, size);
          expect(shown.rows).toBeGreaterThanOrEqual(1);
          expect(shown.row + shown.rows).toBeLessThanOrEqual(size.rows);
          expect(shown.column + shown.columns).toBeLessThanOrEqual(size.columns);
          for (const part of Object.values(shown)) expect(Number.isInteger(part)).toBe(true);
        }
      }),
    );
  });

  it("reveals any cell, and moves no more than it must", () => {
    fc.assert(
      fc.property(anyViewport, anyPoint, ({ size, viewport }, at) => {
        const cell = cellAt(wholeMatrix(size), at, size);
        const shown = reveal(viewport, cell, size, PIXELS);
        const { row, rows, column, columns } = visibleWindow(shown, size);
        expect(
          cell.row >= row && cell.row < row + rows && cell.column >= column && cell.column < column + columns,
        ).toBe(true);
        const again = reveal(shown, cell, size, PIXELS);
        expect(again.row).toBeCloseTo(shown.row, 6);
        expect(again.column).toBeCloseTo(shown.column, 6);
      }),
    );
  });

  it("survives kept states that are not numbers", () => {
    const broken = { row: Number.NaN, rows: Number.NaN, column: -1, columns: Number.POSITIVE_INFINITY };
    expect(clampViewport(broken, SIZE, PIXELS)).toEqual({ row: 0, rows: 10, column: 0, columns: 11008 });
  });

  it("tells the whole from a part", () => {
    expect(isWhole(wholeMatrix(SIZE), SIZE)).toBe(true);
    expect(isWhole({ ...wholeMatrix(SIZE), rows: 100 }, SIZE)).toBe(false);
  });
});
