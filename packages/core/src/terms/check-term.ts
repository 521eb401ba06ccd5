import { LowbitError } from "../errors/lowbit-error.js";
import { readU16, readU32 } from "./index-array.js";
import { type MaskedLayout, maskedRowStarts, readColumnIndices } from "./masked.js";
import type { SparseLayout } from "./sparse.js";
import type { Term } from "./term.js";
import { arrayByteLength, termArray, termArrays } from "./term-arrays.js";
import { termKind } from "./term-kinds.js";

/**
 * Checks what kernels rely on: the ranges of the layout, the size of every array, and that every stored position lies
 * inside the matrix.
 * @throws what `validate` of the kind throws, `terms/missing-array`, `terms/layout-mismatch`, `terms/invalid-array`
 */
export function checkTerm(term: Term): void {
  termKind(term.layout).validate(term.layout);
  for (const spec of termArrays(term.layout)) {
    const { byteLength } = termArray(term, spec.name);
    if (byteLength !== arrayByteLength(spec)) {
      throw new LowbitError(
        "terms/layout-mismatch",
        `Array "${spec.name}" of the ${term.layout.kind} term has ${byteLength} bytes; ${spec.dtype} [${spec.shape.join(", ")}] takes ${arrayByteLength(spec)}.`,
        { kind: term.layout.kind, array: spec.name, found: byteLength, expected: arrayByteLength(spec) },
      );
    }
  }
  const { layout } = term;
  if (layout.kind === "sparse") checkSparsePositions(term as Term<SparseLayout>);
  if (layout.kind === "masked") checkMaskedPositions(term as Term<MaskedLayout>);
  if ((layout.kind === "sign" || layout.kind === "dense") && layout.coveredColumns !== undefined) {
    checkAscending(layout.kind, "columns", readU32(termArray(term, "columns")), layout.columns);
  }
}

/** A kind that stores some weights by position. */
interface CountedLayout {
  readonly kind: string;
  readonly rows: number;
  readonly columns: number;
  readonly count: number;
}

/** @throws `terms/invalid-array` unless the row starts rise from 0 to the number of stored weights. */
export function checkRowStarts(layout: CountedLayout, bytes: Uint8Array): void {
  const rowStarts = readU32(bytes);
  const ordered = rowStarts.every((start, row) => row === 0 || rowStarts[row - 1]! <= start);
  if (ordered && rowStarts[0] === 0 && rowStarts[layout.rows] === layout.count) return;
  throw new LowbitError(
    "terms/invalid-array",
    `Array "rowStarts" of the ${layout.kind} term must rise from 0 to ${layout.count}; it goes from ${rowStarts[0]} to ${rowStarts[layout.rows]}${ordered ? "" : " and falls in between"}.`,
    { kind: layout.kind, array: "rowStarts", count: layout.count },
  );
}

/** @throws `terms/invalid-array` unless a bitmap marks as many weights as the layout states. */
export function checkPopulation({ kind, count }: CountedLayout, marked: number): void {
  if (marked === count) return;
  throw new LowbitError(
    "terms/invalid-array",
    `Array "positions" of the ${kind} term marks ${marked} weights; its layout states ${count}.`,
    { kind, array: "positions", found: marked, expected: count },
  );
}

function checkMaskedPositions(term: Term<MaskedLayout>): void {
  const { layout, arrays } = term;
  if (layout.positions === "bitmap") checkPopulation(layout, maskedRowStarts(term).at(-1)!);
  else checkRowPositions(layout, arrays.rowStarts!, readColumnIndices(layout.columns, arrays.columnIndices!));
}

function checkSparsePositions({ layout, arrays }: Term<SparseLayout>): void {
  const indices = layout.indexDtype === "U16" ? readU16(arrays.columnIndices) : readU32(arrays.columnIndices);
  checkRowPositions(layout, arrays.rowStarts, indices);
}

function checkRowPositions(layout: CountedLayout, starts: Uint8Array, indices: Uint16Array | Uint32Array): void {
  checkRowStarts(layout, starts);
  const rowStarts = readU32(starts);
  for (let row = 0; row < layout.rows; row++) {
    checkAscending(layout.kind, "columnIndices", indices.subarray(rowStarts[row], rowStarts[row + 1]), layout.columns);
  }
}

function checkAscending(kind: string, array: string, indices: Uint32Array | Uint16Array, columns: number): void {
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    if (index < columns && (i === 0 || indices[i - 1]! < index)) continue;
    const why =
      index < columns ? `follows ${indices[i - 1]}; columns must ascend` : `of a matrix of ${columns} columns`;
    throw new LowbitError("terms/invalid-array", `Array "${array}" of the ${kind} term names column ${index} ${why}.`, {
      kind,
      array,
      found: index,
      columns,
    });
  }
}
