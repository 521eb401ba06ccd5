import { checkErrorFeedback } from "../check-feedback.js";
import type { ColumnGrid, FeedbackSpan, FeedbackZones } from "../ops/feedback-ops.js";
import { type KernelCaller, output } from "./kernel-caller.js";

export function errorFeedback(
  kernels: KernelCaller,
  span: FeedbackSpan,
  grids: readonly ColumnGrid[],
  zones?: FeedbackZones,
): void {
  checkErrorFeedback(span, grids, zones);
  const { weights, first, count, end, factor, errors, errorStride, codes, groupOf } = span;
  const { rows, columns, values } = weights;
  if (rows === 0 || count === 0) return;
  const { table, points } = placeGrids(kernels, grids);
  kernels.call(
    "error_feedback",
    0,
    rows,
    output(values),
    columns,
    first,
    count,
    end,
    factor.subarray(first * columns, (first + count) * columns),
    output(errors),
    errorStride,
    output(codes),
    groupOf,
    table,
    points,
    grids.length,
    zones ? output(zones.zones) : null,
    zones?.outlierThreshold ?? Number.POSITIVE_INFINITY,
  );
}

/** The arrays of all grids one after another, and what the kernel needs to know of each. */
function placeGrids(
  kernels: KernelCaller,
  grids: readonly ColumnGrid[],
): { readonly table: Int32Array; readonly points: Float32Array } {
  const arrays = grids.flatMap((grid) => (grid.kind === "affine" ? [grid.scale, grid.zero] : [grid.values]));
  const length = arrays.reduce((sum, array) => sum + array.length, 0);
  const memory = kernels.scratch(4 * length);
  const points = new Float32Array(memory.buffer, memory.byteOffset, length);
  const begins: number[] = [];
  let filled = 0;
  for (const array of arrays) {
    points.set(array, filled);
    begins.push(filled);
    filled += array.length;
  }
  const table = grids.flatMap((grid) => {
    const begin = begins.shift()!;
    if (grid.kind === "values") return [0, grid.levels, grid.groups, begin, begin];
    return [1, grid.levels, grid.groups, begin, begins.shift()!];
  });
  return { table: Int32Array.from(table), points };
}
