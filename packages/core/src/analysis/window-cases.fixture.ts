import fc from "fast-check";
import { DTYPES, type FloatDtype } from "../dtype/dtype-table.js";
import { decoded, type OneTensor, REFERENCE, tensorOfBytes } from "./array-checkpoint.fixture.js";
import type { MatrixWindow } from "./matrix-window.js";
import type { ScanContext } from "./scan-context.js";
import type { TileGeometry } from "./tile-geometry.js";

const WINDOW_DTYPES: readonly FloatDtype[] = ["F32", "BF16", "F16", "F64", "F8_E4M3", "F8_E5M2", "F6_E2M3", "F4"];

/** A tensor of random bytes (NaN and infinities among them), a window of it and sizes of a picture. */
export interface WindowCase {
  readonly dtype: FloatDtype;
  readonly rows: number;
  readonly columns: number;
  readonly bytes: Uint8Array;
  readonly window: MatrixWindow;
  readonly maxWidth: number;
  readonly maxHeight: number;
  readonly blockByteLength: number;
}

/** Evenly from 0 to 1; doubles of fast-check are nearly all tiny. */
const share = fc.nat(100).map((percent) => percent / 100);

/** A rectangle of the matrix. */
export function windowOf(rows: number, columns: number): fc.Arbitrary<MatrixWindow> {
  return fc.tuple(share, share, share, share).map(([top, left, high, wide]) => {
    const [row, column] = [Math.round(top * top * rows), Math.round(left * left * columns)];
    return { row, column, rows: Math.round(high * (rows - row)), columns: Math.round(wide * (columns - column)) };
  });
}

export const windowCase: fc.Arbitrary<WindowCase> = fc
  .record({ dtype: fc.constantFrom(...WINDOW_DTYPES), height: fc.nat(11), columns: fc.nat(33) })
  .chain(({ dtype, height, columns }) => {
    // Rows of sub-byte elements begin within bytes; the whole tensor fills bytes.
    const rows = DTYPES[dtype].bits < 8 ? 8 * Math.ceil(height / 8) : height;
    const byteLength = (rows * columns * DTYPES[dtype].bits) / 8;
    return fc.record({
      dtype: fc.constant(dtype),
      rows: fc.constant(rows),
      columns: fc.constant(columns),
      bytes: fc.uint8Array({ minLength: byteLength, maxLength: byteLength }),
      window: windowOf(rows, columns),
      maxWidth: fc.integer({ min: 1, max: 40 }),
      maxHeight: fc.integer({ min: 1, max: 14 }),
      blockByteLength: fc.constantFrom(64, 100, 256, 4096),
    });
  });

/** The case as a tensor, all its values as f32, and what to scan it with. */
export async function openCase(
  found: WindowCase,
): Promise<OneTensor & { readonly values: Float32Array; readonly context: ScanContext }> {
  const { dtype, rows, columns, bytes, blockByteLength } = found;
  const one = await tensorOfBytes(dtype, [rows, columns], bytes);
  const context = { backend: REFERENCE, blockByteLength };
  return { ...one, values: decoded(dtype, bytes, rows * columns), context };
}

/** The part of a row-major matrix, copied one by one. */
export function cut(values: ArrayLike<number>, columns: number, window: MatrixWindow): number[] {
  const found: number[] = [];
  for (let row = window.row; row < window.row + window.rows; row++) {
    for (let column = window.column; column < window.column + window.columns; column++) {
      found.push(values[row * columns + column]!);
    }
  }
  return found;
}

/** A figure of the values of every tile, from the definition. */
export function tileFigures(
  values: ArrayLike<number>,
  columns: number,
  { window, tileRows, tileColumns, tilesDown, tilesAcross }: TileGeometry,
  figure: (values: readonly number[]) => number,
): number[] {
  return Array.from({ length: tilesDown * tilesAcross }, (_, tile) => {
    const top = Math.floor(tile / tilesAcross) * tileRows;
    const left = (tile % tilesAcross) * tileColumns;
    const part = {
      row: window.row + top,
      rows: Math.min(tileRows, window.rows - top),
      column: window.column + left,
      columns: Math.min(tileColumns, window.columns - left),
    };
    return figure(cut(values, columns, part));
  });
}

/** Mean, NaN of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function finite(values: readonly number[]): number[] {
  return values.filter(Number.isFinite);
}

/** Whether an f32 figure is the one of the definition, by the rounding of f32 at the size of what it was summed from. */
export function isNear(found: number, wanted: number, size: number = Math.abs(wanted)): boolean {
  return Number.isNaN(wanted) ? Number.isNaN(found) : Math.abs(found - wanted) <= 1e-6 * size + 2 ** -149;
}
