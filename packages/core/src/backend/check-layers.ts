import { LowbitError } from "../errors/lowbit-error.js";
import type { RowBlock } from "../tensor/row-block.js";
import { SCALE_BYTES } from "../terms/scale-array.js";
import type { ScaleDtype } from "../terms/term.js";
import { checkBlock } from "./check-block.js";
import { checkLength } from "./operand-length.js";
import type { RotaryTables } from "./ops/layer-ops.js";

// What the layer ops and their gradients check: kernels trust sizes and positions. Each throws `backend/operand-size`,
// and with a block `backend/block-size`.

/** Arrays of one element a value of the block, and arrays of one a column. */
export function checkRows(
  op: string,
  x: RowBlock,
  likeValues: Readonly<Record<string, Float32Array>>,
  likeColumns: Readonly<Record<string, Float32Array | null>> = {},
): void {
  checkBlock(op, x);
  for (const [name, array] of Object.entries(likeValues))
    checkLength(`${name} of ${op}`, array.length, x.values.length);
  for (const [name, array] of Object.entries(likeColumns)) {
    if (array !== null) checkLength(`${name} of ${op}`, array.length, x.columns);
  }
}

/** Arrays of the same length as `x`. */
export function checkAlike(op: string, x: Float32Array, others: Readonly<Record<string, Float32Array>>): void {
  for (const [name, array] of Object.entries(others)) checkLength(`${name} of ${op}`, array.length, x.length);
}

export function checkRotary(x: RowBlock, tables: RotaryTables, positions: Uint32Array): void {
  checkBlock("rotaryEmbedding", x);
  const { cosines, sines, headSize, rotarySize } = tables;
  const heads = Math.floor(x.columns / headSize);
  checkLength("columns of rotaryEmbedding", x.columns, heads * headSize);
  const half = Math.min(Math.floor(rotarySize / 2), Math.floor(headSize / 2));
  checkLength("rotating features of a head", rotarySize, 2 * half);
  checkLength("cosines of rotaryEmbedding", cosines.length, tables.positions * half);
  checkLength("sines of rotaryEmbedding", sines.length, tables.positions * half);
  checkLength("positions of rotaryEmbedding", positions.length, x.rows);
  checkIndices("position", positions, tables.positions);
}

export function checkGatherRows(dtype: ScaleDtype, table: Uint8Array, rows: Uint32Array, target: RowBlock): void {
  checkBlock("gatherRows", target);
  checkLength("rows to gather", rows.length, target.rows);
  checkIndices("row to gather", rows, tableRows(table.length, target.columns * SCALE_BYTES[dtype]));
}

export function checkScatterRows(rows: Uint32Array, dy: RowBlock, dTable: Float32Array): void {
  checkBlock("scatterRows", dy);
  checkLength("rows to scatter", rows.length, dy.rows);
  checkIndices("row to scatter to", rows, tableRows(dTable.length, dy.columns));
}

/** Whole rows in a table; rows without columns are in every table. */
function tableRows(length: number, rowLength: number): number {
  if (rowLength === 0) return Number.POSITIVE_INFINITY;
  const rows = Math.floor(length / rowLength);
  checkLength("elements of the table", length, rows * rowLength);
  return rows;
}

/** @throws `backend/operand-size` for an index that is not below `limit` */
function checkIndices(what: string, indices: Uint32Array, limit: number): void {
  for (const [at, index] of indices.entries()) {
    if (index < limit) continue;
    throw new LowbitError("backend/operand-size", `${what} ${index} (number ${at}) is not below ${limit}`, {
      what,
      found: index,
      limit,
      at,
    });
  }
}
