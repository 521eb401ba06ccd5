import { DTYPES, type FloatDtype } from "../dtype/dtype-table.js";
import type { CheckpointTensor, TensorReader } from "../safetensors/checkpoint.js";
import { matrixPieces, type PieceUnit } from "../tensor/matrix-pieces.js";
import { matrixShape } from "../tensor/matrix-shape.js";
import type { RowBlock } from "../tensor/row-block.js";
import type { MatrixWindow } from "./matrix-window.js";
import { type ElementSpan, readFloatBlocks } from "./read-blocks.js";
import type { RowRun } from "./row-selection.js";
import type { ScanContext } from "./scan-context.js";
import { elementCapacity } from "./value-places.js";

/** Bytes between two rows of a window that are read and dropped rather than left out: less than one more read costs. */
const GAP_BYTES = 2 ** 16;

type FloatTensor = CheckpointTensor & { readonly dtype: FloatDtype };

interface WindowRead {
  readonly place: MatrixWindow;
  readonly span: ElementSpan;
}

/**
 * Shows the values of rows of a window, block after block in the order of the file, each with its place in the matrix.
 * Rows are read together where the window is wide, and each by itself where much lies between them. Counted from the
 * beginning of their run and the left edge of the window, blocks are parts of one unit or made of whole ones. A block is
 * valid during the call only; `visit` may change it.
 */
export async function readWindowBlocks(
  checkpoint: TensorReader,
  tensor: FloatTensor,
  { column, columns }: Pick<MatrixWindow, "column" | "columns">,
  runs: readonly RowRun[],
  unit: PieceUnit,
  context: ScanContext,
  visit: (block: RowBlock, place: MatrixWindow) => void,
): Promise<void> {
  const width = matrixShape(tensor.shape).columns;
  const capacity = elementCapacity(tensor, context);
  const reads = runs.flatMap(({ row, rows }) =>
    windowReads({ row, rows, column, columns }, width, capacity, unit, tensor.dtype),
  );
  const spans = reads.map(({ span }) => span);
  await readFloatBlocks(checkpoint, tensor, spans, context, (values, index) => {
    const { place } = reads[index]!;
    for (let row = 1; row < place.rows && place.columns < width; row++) {
      values.copyWithin(row * place.columns, row * width, row * width + place.columns);
    }
    const block = { values: values.subarray(0, place.rows * place.columns), rows: place.rows, columns: place.columns };
    visit(block, place);
  });
}

/** The values of a window as one array, row-major, written into `all` where it is given. */
export async function readWindow(
  checkpoint: TensorReader,
  tensor: FloatTensor,
  window: MatrixWindow,
  context: ScanContext,
  all: Float32Array = new Float32Array(window.rows * window.columns),
): Promise<Float32Array> {
  const unit = { rows: 1, columns: 1 };
  await readWindowBlocks(checkpoint, tensor, window, [window], unit, context, ({ values }, place) => {
    all.set(values, (place.row - window.row) * window.columns + place.column - window.column);
  });
  return all;
}

function windowReads(
  window: MatrixWindow,
  width: number,
  capacity: number,
  unit: PieceUnit,
  dtype: FloatDtype,
): readonly WindowRead[] {
  const { row, rows, column, columns } = window;
  if (rows === 0 || columns === 0) return [];
  const gapBytes = ((width - columns) * DTYPES[dtype].bits) / 8;
  const together = width <= capacity && gapBytes <= GAP_BYTES;
  const pieces = together
    ? matrixPieces({ rows, columns: width }, capacity, unit).map((piece) => ({ ...piece, columns }))
    : Array.from({ length: rows }, (_, at) =>
        matrixPieces({ rows: 1, columns }, capacity, unit).map((piece) => ({ ...piece, row: at })),
      ).flat();
  return pieces.map((piece) => {
    const place = { ...piece, row: row + piece.row, column: column + piece.column };
    const begin = place.row * width + place.column;
    return { place, span: { begin, end: begin + (place.rows - 1) * width + place.columns } };
  });
}
