import type { MatrixShape } from "./row-block.js";

/** A rectangle of a matrix whose elements are consecutive in the file: whole rows, or a part of one row. */
export interface MatrixPiece {
  readonly row: number;
  readonly rows: number;
  readonly column: number;
  readonly columns: number;
}

/** Pieces end at multiples of these wherever they hold more than one unit, so that no unit needs more pieces than it must. */
export interface PieceUnit {
  readonly rows: number;
  readonly columns: number;
}

/**
 * Divides a matrix into pieces of at most `capacity` elements, in the order of the file: whole rows where one fits,
 * parts of rows otherwise. A piece lies inside one unit, or is made of whole units (the last ones shorter).
 */
export function matrixPieces(
  shape: MatrixShape,
  capacity: number,
  unit: PieceUnit = { rows: 1, columns: 1 },
): readonly MatrixPiece[] {
  const { rows, columns } = shape;
  if (rows === 0 || columns === 0) return [];
  const pieces: MatrixPiece[] = [];
  if (columns <= capacity) {
    for (const { begin, length } of cuts(rows, Math.floor(capacity / columns), unit.rows)) {
      pieces.push({ row: begin, rows: length, column: 0, columns });
    }
    return pieces;
  }
  const parts = cuts(columns, capacity, unit.columns);
  for (let row = 0; row < rows; row++) {
    for (const { begin, length } of parts) pieces.push({ row, rows: 1, column: begin, columns: length });
  }
  return pieces;
}

function cuts(
  size: number,
  most: number,
  unit: number,
): readonly { readonly begin: number; readonly length: number }[] {
  const found: { begin: number; length: number }[] = [];
  for (let begin = 0; begin < size; ) {
    const nextUnit = begin - (begin % unit) + (most >= unit ? most - (most % unit) : unit);
    const end = Math.min(size, begin + most, nextUnit);
    found.push({ begin, length: end - begin });
    begin = end;
  }
  return found;
}
