import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matrixPieces } from "./matrix-pieces.js";

const size = fc.integer({ min: 1, max: 40 });

describe("matrixPieces", () => {
  it("covers the file once, in order, within the capacity and on unit borders", () => {
    fc.assert(
      fc.property(
        size,
        size,
        fc.integer({ min: 1, max: 200 }),
        size,
        size,
        (rows, columns, capacity, unitRows, unitColumns) => {
          const unit = { rows: unitRows, columns: unitColumns };
          let next = 0;
          for (const piece of matrixPieces({ rows, columns }, capacity, unit)) {
            expect(piece.row * columns + piece.column).toBe(next);
            next += piece.rows * piece.columns;
            expect(piece.rows === 1 || piece.columns === columns).toBe(true);
            expect(piece.rows * piece.columns).toBeLessThanOrEqual(capacity);
            expectOnUnits(piece.row, piece.rows, rows, unit.rows);
            expectOnUnits(piece.column, piece.columns, columns, unit.columns);
          }
          expect(next).toBe(rows * columns);
        },
      ),
    );
  });

  it("has none for an empty matrix", () => {
    expect(matrixPieces({ rows: 0, columns: 5 }, 10)).toEqual([]);
    expect(matrixPieces({ rows: 5, columns: 0 }, 10)).toEqual([]);
  });
});

/** Inside one unit, or from border to border. */
function expectOnUnits(begin: number, length: number, total: number, unit: number): void {
  const end = begin + length;
  const insideOne = Math.floor(begin / unit) === Math.floor((end - 1) / unit);
  const wholeUnits = begin % unit === 0 && (end % unit === 0 || end === total);
  expect(insideOne || wholeUnits).toBe(true);
}
