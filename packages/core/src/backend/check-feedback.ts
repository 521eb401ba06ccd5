import { LowbitError } from "../errors/lowbit-error.js";
import { checkLeastLength, checkLength } from "./operand-length.js";
import type { ColumnGrid, FeedbackSpan, FeedbackZones } from "./ops/feedback-ops.js";

/** Codes are bytes. */
const MAX_LEVELS = 256;
/** `LOWBIT_FEEDBACK_GRIDS`. */
const MAX_GRIDS = 16;

/** @throws `backend/operand-size` */
export function checkErrorFeedback(span: FeedbackSpan, grids: readonly ColumnGrid[], zones?: FeedbackZones): void {
  const { weights, first, count, end, factor, errors, errorStride, codes, groupOf } = span;
  const { rows, columns, values } = weights;
  checkLength(`weights of ${rows} rows of ${columns} columns`, values.length, rows * columns);
  checkLength(`elements of a factor of ${columns} columns`, factor.length, columns * columns);
  checkLength("codes", codes.length, rows * columns);
  for (const position of [first, count, end]) checkNatural("columns of a span", position);
  checkLeastLength(`columns up to the end of a span from ${first} to ${first + count}`, end, first + count);
  checkLeastLength(`columns of weights with a block that ends at ${end}`, columns, end);
  checkLength("groups of the columns of a span", groupOf.length, count);
  checkNatural("elements from one row of errors to the next", errorStride);
  checkLeastLength("elements from one row of errors to the next", errorStride, count);
  if (rows > 0) checkLeastLength("errors", errors.length, (rows - 1) * errorStride + count);
  checkLeastLength("grids of a span", grids.length, 1);
  checkMost("grids of a span", grids.length, MAX_GRIDS);
  for (const grid of grids) checkGrid(grid, rows, groupOf);
  if (zones === undefined) checkLength("grids of a span without zones", grids.length, 1);
  else checkZones(zones, span, grids.length);
}

function checkGrid(grid: ColumnGrid, rows: number, groupOf: Uint32Array): void {
  const { levels, groups } = grid;
  checkNatural("levels of a grid", levels);
  checkLeastLength("levels of a grid", levels, 2);
  if (levels > MAX_LEVELS) {
    throw new LowbitError(
      "backend/operand-size",
      `the levels of a grid are ${levels}; at most ${MAX_LEVELS} fit a code`,
      {
        what: "levels of a grid",
        found: levels,
        expected: MAX_LEVELS,
      },
    );
  }
  for (const group of groupOf) checkLeastLength("groups of a grid", groups, group + 1);
  if (grid.kind === "affine") {
    checkLength(`scales of ${rows} rows of ${groups} groups`, grid.scale.length, rows * groups);
    checkLength(`zero points of ${rows} rows of ${groups} groups`, grid.zero.length, rows * groups);
  } else {
    checkLength(`values of ${rows} rows of ${groups} groups`, grid.values.length, rows * groups * levels);
  }
}

/** Zones of the span: grids, or kept. */
function checkZones({ zones }: FeedbackZones, { weights, first, count }: FeedbackSpan, grids: number): void {
  const { rows, columns } = weights;
  checkLength("zones", zones.length, rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let at = row * columns + first; at < row * columns + first + count; at++) {
      if (zones[at]! > grids) checkLeastLength("grids of a span", grids, zones[at]!);
    }
  }
}

function checkNatural(what: string, found: number): void {
  if (Number.isInteger(found) && found >= 0) return;
  throw new LowbitError("backend/operand-size", `the ${what} are ${found}; a whole number from 0 is needed`, {
    what,
    found,
    expected: 0,
  });
}

function checkMost(what: string, found: number, most: number): void {
  if (found <= most) return;
  throw new LowbitError("backend/operand-size", `the ${what} are ${found}; at most ${most} are allowed`, {
    what,
    found,
    expected: most,
  });
}
