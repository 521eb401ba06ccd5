import type { ColumnGrid, FeedbackSpan } from "@lowbit/core/backend";
import { COLUMNS, f32, mistake, type OperandMistake, ROWS } from "./operand-mistakes.js";

const GROUPS = 2;
const COUNT = 8;

const AFFINE: ColumnGrid = {
  kind: "affine",
  levels: 4,
  scale: f32(ROWS * GROUPS),
  zero: f32(ROWS * GROUPS),
  groups: GROUPS,
};

const VALUES: ColumnGrid = { kind: "values", levels: 4, values: f32(ROWS * GROUPS * 4), groups: GROUPS };

/** Columns 16 … 23 of a block that ends at 32. */
function rightSpan(): FeedbackSpan {
  return {
    weights: { rows: ROWS, columns: COLUMNS, values: f32(ROWS * COLUMNS) },
    first: 16,
    count: COUNT,
    end: 32,
    factor: f32(COLUMNS * COLUMNS).fill(1),
    errors: f32((ROWS - 1) * 10 + COUNT),
    errorStride: 10,
    codes: new Uint8Array(ROWS * COLUMNS),
    groupOf: new Uint32Array(COUNT).fill(1),
  };
}

function wrongSpan(what: string, change: Partial<FeedbackSpan>): OperandMistake {
  return mistake("backend/operand-size", what, (backend) =>
    backend.errorFeedback({ ...rightSpan(), ...change }, [AFFINE]),
  );
}

function wrongGrids(what: string, grids: readonly ColumnGrid[], zones?: Uint8Array): OperandMistake {
  return mistake("backend/operand-size", what, (backend) =>
    backend.errorFeedback(rightSpan(), grids, zones && { zones }),
  );
}

const zones = (value: number): Uint8Array => new Uint8Array(ROWS * COLUMNS).fill(value);

export const FEEDBACK_MISTAKES: Readonly<Record<"errorFeedback", readonly OperandMistake[]>> = {
  errorFeedback: [
    wrongSpan("a weight too few", { weights: { rows: ROWS, columns: COLUMNS, values: f32(ROWS * COLUMNS - 1) } }),
    wrongSpan("an element of the factor too few", { factor: f32(COLUMNS * COLUMNS - 1) }),
    wrongSpan("a code too few", { codes: new Uint8Array(ROWS * COLUMNS - 1) }),
    wrongSpan("an error too few", { errors: f32(2 * 10 + COUNT - 1) }),
    wrongSpan("rows of errors that overlap", { errorStride: COUNT - 1 }),
    wrongSpan("a group too few", { groupOf: new Uint32Array(COUNT - 1) }),
    wrongSpan("a group that the grid does not have", { groupOf: new Uint32Array(COUNT).fill(GROUPS) }),
    wrongSpan("a block that ends inside the span", { end: 23 }),
    wrongSpan("a block that ends behind the matrix", { end: COLUMNS + 1 }),
    wrongSpan("a span that begins before the matrix", { first: -1 }),
    wrongSpan("a span that begins between two columns", { first: 0.5 }),
    wrongGrids("no grid", []),
    wrongGrids("17 grids", new Array(17).fill(AFFINE), zones(0)),
    wrongGrids("two grids without zones", [AFFINE, VALUES]),
    wrongGrids("a zone that is no grid", [AFFINE, VALUES], zones(3)),
    wrongGrids("a zone too few", [AFFINE, VALUES], zones(0).subarray(1)),
    wrongGrids("one level", [{ ...AFFINE, levels: 1 }]),
    wrongGrids("257 levels", [{ ...AFFINE, levels: 257 }]),
    wrongGrids("a scale too few", [{ ...AFFINE, scale: f32(ROWS * GROUPS - 1) }]),
    wrongGrids("a zero point too few", [{ ...AFFINE, zero: f32(ROWS * GROUPS - 1) }]),
    wrongGrids("a value too few", [{ ...VALUES, values: f32(ROWS * GROUPS * 4 - 1) }]),
  ],
};
