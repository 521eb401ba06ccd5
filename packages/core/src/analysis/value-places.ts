import { allocateRowStatistics } from "../backend/statistics-arrays.js";
import { DTYPES, type FloatDtype, isFloatDtype } from "../dtype/dtype-table.js";
import { LowbitError } from "../errors/index.js";
import type { Checkpoint, CheckpointTensor } from "../safetensors/checkpoint.js";
import { type MatrixPiece, matrixPieces } from "../tensor/matrix-pieces.js";
import { matrixShape } from "../tensor/matrix-shape.js";
import { readFloatBlocks } from "./read-blocks.js";
import { blockByteLength, type ScanContext } from "./scan-context.js";

/** Where a weight stands; a tensor of higher rank as a matrix. */
export interface WeightPlace {
  readonly row: number;
  readonly column: number;
  readonly value: number;
}

/** The first indices of a kind, ascending, and how many there are in all. */
export interface IndexList {
  readonly count: number;
  readonly first: readonly number[];
}

export interface ValuePlaces {
  /** Finite weights with |w| above the threshold: exact, whatever the dtype. */
  readonly outlierCount: number;
  /** The first of them, row by row. */
  readonly outliers: readonly WeightPlace[];
  /** Rows in which every weight is zero. */
  readonly deadRows: IndexList;
  /** Rows of one value other than zero (and more than one column). */
  readonly constantRows: IndexList;
  /** Columns in which every weight is zero; none for a tensor of one row. */
  readonly deadColumns: IndexList;
}

export interface PlacesOptions {
  /** |w| above it is an outlier; see `TensorStatistics.outliers`. */
  readonly threshold: number;
  /** Places listed of each kind, 20 when absent. */
  readonly limit?: number;
}

const DEFAULT_LIMIT = 20;

/**
 * A second look at the values of a float tensor, for what a table of values cannot tell: where things are.
 * Memory: the blocks of the scan, and 8 bytes a column.
 * @throws `analysis/unsupported-dtype` for integers.
 */
export async function findPlaces(
  checkpoint: Checkpoint,
  tensor: CheckpointTensor,
  options: PlacesOptions,
  context: ScanContext,
): Promise<ValuePlaces> {
  const floats = requireFloatTensor(tensor);
  const { backend } = context;
  const limit = options.limit ?? DEFAULT_LIMIT;
  const shape = matrixShape(tensor.shape);
  const pieces = matrixPieces(shape, elementCapacity(tensor, context));
  const outliers: WeightPlace[] = [];
  let outlierCount = 0;
  const deadRows = createIndexList(limit);
  const constantRows = createIndexList(limit);
  // Σ |w| of a column is 0 exactly when all its weights are; NaN and infinities make it something else.
  const columnSums = new Float64Array(shape.rows > 1 && pieces.length > 0 ? shape.columns : 0);
  const ones = new Float64Array(pieces.reduce((most, { rows }) => Math.max(most, rows), 0)).fill(1);
  const row = createRowJudge(shape.columns, deadRows, constantRows);

  await readFloatBlocks(checkpoint, floats, pieces.map(toSpan(shape.columns)), context, (values, index) => {
    const piece = pieces[index]!;
    const block = { values, rows: piece.rows, columns: piece.columns };
    const found = allocateRowStatistics(piece.rows);
    backend.rowStatistics(block, found);
    for (let i = 0; i < piece.rows; i++) {
      row.look(piece, i, found.minimum[i]!, found.maximum[i]!, found.nanCount[i]! + found.infiniteCount[i]!);
      if (!(found.absMaximum[i]! > options.threshold)) continue;
      for (let j = 0; j < piece.columns; j++) {
        const value = values[i * piece.columns + j]!;
        if (!(Math.abs(value) > options.threshold) || !Number.isFinite(value)) continue;
        outlierCount++;
        if (outliers.length < limit) outliers.push({ row: piece.row + i, column: piece.column + j, value });
      }
    }
    if (columnSums.length > 0) {
      const target = columnSums.subarray(piece.column, piece.column + piece.columns);
      backend.absColumnSums(block, ones.subarray(0, piece.rows), target);
    }
  });

  const deadColumns = createIndexList(limit);
  for (const [column, sum] of columnSums.entries()) if (sum === 0) deadColumns.add(column);
  return {
    outlierCount,
    outliers,
    deadRows: deadRows.finish(),
    constantRows: constantRows.finish(),
    deadColumns: deadColumns.finish(),
  };
}

export function requireFloatTensor(tensor: CheckpointTensor): CheckpointTensor & { readonly dtype: FloatDtype } {
  const { dtype } = tensor;
  if (isFloatDtype(dtype)) return { ...tensor, dtype };
  throw new LowbitError(
    "analysis/unsupported-dtype",
    `Tensor "${tensor.name}" is ${dtype}; this analysis reads floats.`,
    {
      tensor: tensor.name,
      dtype,
    },
  );
}

/** Elements of one block. */
export function elementCapacity(tensor: CheckpointTensor, context: ScanContext): number {
  return Math.floor((blockByteLength(context) * 8) / DTYPES[tensor.dtype].bits);
}

function toSpan(columns: number): (piece: MatrixPiece) => { begin: number; end: number } {
  return ({ row, rows, column, columns: width }) => {
    const begin = row * columns + column;
    return { begin, end: begin + rows * width };
  };
}

interface IndexListBuilder {
  add(index: number): void;
  finish(): IndexList;
}

function createIndexList(limit: number): IndexListBuilder {
  const first: number[] = [];
  let count = 0;
  return {
    add(index) {
      count++;
      if (first.length < limit) first.push(index);
    },
    finish: () => ({ count, first }),
  };
}

/** Decides about a row when its last piece has been seen; pieces come in order. */
function createRowJudge(columns: number, dead: IndexListBuilder, constant: IndexListBuilder) {
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  let nonFinite = 0;
  return {
    look(piece: MatrixPiece, i: number, pieceMinimum: number, pieceMaximum: number, pieceNonFinite: number): void {
      minimum = Math.min(minimum, pieceMinimum);
      maximum = Math.max(maximum, pieceMaximum);
      nonFinite += pieceNonFinite;
      if (piece.column + piece.columns < columns) return;
      if (nonFinite === 0 && minimum === maximum) {
        if (minimum === 0) dead.add(piece.row + i);
        else if (columns > 1) constant.add(piece.row + i);
      }
      minimum = Number.POSITIVE_INFINITY;
      maximum = Number.NEGATIVE_INFINITY;
      nonFinite = 0;
    },
  };
}
