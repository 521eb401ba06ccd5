import { checkErrorFeedback } from "../check-feedback.js";
import type { ColumnGrid, FeedbackSpan, FeedbackZones } from "../ops/feedback-ops.js";
import { nearestPoint } from "./column-grid.js";

const f32 = Math.fround;

export function errorFeedback(span: FeedbackSpan, grids: readonly ColumnGrid[], zones?: FeedbackZones): void {
  checkErrorFeedback(span, grids, zones);
  const { weights, first, count, end, factor, errors, errorStride, codes, groupOf } = span;
  const { rows, columns, values } = weights;
  const threshold = f32(zones?.outlierThreshold ?? Number.POSITIVE_INFINITY);
  for (let row = 0; row < rows; row++) {
    for (let j = first; j < first + count; j++) {
      const at = row * columns + j;
      const errorAt = row * errorStride + j - first;
      const grid = grids[zones?.zones[at] ?? 0];
      const weight = values[at]!;
      const point = grid && nearestPoint(grid, row, groupOf[j - first]!, weight);
      const error = point ? f32(f32(point.value - weight) / factor[j * columns + j]!) : 0;
      if (point === undefined || f32(error * error) > threshold) {
        if (zones) zones.zones[at] = grids.length;
        codes[at] = 0;
        errors[errorAt] = 0;
        continue;
      }
      codes[at] = point.code;
      values[at] = point.value;
      errors[errorAt] = error;
      for (let k = j + 1; k < end; k++) {
        values[row * columns + k]! += f32(error * factor[j * columns + k]!);
      }
    }
  }
}
