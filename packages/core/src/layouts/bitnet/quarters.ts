import { tritByteLength } from "../../bitpack/pack-trits.js";

/**
 * BitNet packs four rows into one: packed row i holds rows i, i + R, i + 2R, i + 3R (R = packed rows) in bits 0–1, 2–3,
 * 4–5, 6–7. A code is the ternary value + 1.
 */
export function packQuarters(digits: Uint8Array, rows: number, columns: number): Uint8Array {
  const packedRows = rows / 4;
  const packed = new Uint8Array(packedRows * columns);
  for (let row = 0; row < rows; row++) {
    const shift = 2 * Math.floor(row / packedRows);
    const at = (row % packedRows) * columns;
    for (let c = 0; c < columns; c++) packed[at + c]! |= digits[row * columns + c]! << shift;
  }
  return packed;
}

/** Adjacent packed rows that hold adjacent rows of one quarter. */
export interface QuarterSpan {
  /** First row of the weight. */
  readonly row: number;
  readonly rows: number;
  readonly packedRow: number;
  readonly shift: number;
}

/** Where rows `begin` … `end − 1` are. */
export function quarterSpans(packedRows: number, begin: number, end: number): readonly QuarterSpan[] {
  const spans: QuarterSpan[] = [];
  for (let row = begin; row < end; ) {
    const quarter = Math.floor(row / packedRows);
    const last = Math.min(end, (quarter + 1) * packedRows);
    spans.push({ row, rows: last - row, packedRow: row % packedRows, shift: 2 * quarter });
    row = last;
  }
  return spans;
}

/** Index of the first byte that has the code 3 at `shift`, which no packing writes; −1: none. */
export function findCode3(packed: Uint8Array, shift: number): number {
  return packed.findIndex((byte) => ((byte >>> shift) & 3) === 3);
}

/** Digits of packed rows as rows of a ternary term, four a byte. */
export function unpackQuarter(packed: Uint8Array, shift: number, columns: number, target: Uint8Array): void {
  const rowBytes = tritByteLength(columns, "two-bit");
  for (let row = 0; row * columns < packed.length; row++) {
    for (let c = 0; c < columns; c++) {
      const digit = (packed[row * columns + c]! >>> shift) & 3;
      target[row * rowBytes + (c >>> 2)]! |= digit << (2 * (c & 3));
    }
  }
}
