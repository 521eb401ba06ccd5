import type { CalibratedLayer } from "./calibrated-quantizer.js";
import { columnsOf } from "./error-feedback/columns-of.js";
import { syntheticLayer } from "./synthetic-layer.fixture.js";

/** The inputs from here on: half of them, with all outlier channels. */
const FIRST_COLUMN = 256;

/** A few rows of the synthetic layer (each is on its own) and half of its inputs, for tests that quantize many times. */
export function syntheticLayerPart(rows: number): CalibratedLayer {
  const { weights: all, statistics: whole } = syntheticLayer();
  const columns = all.columns - FIRST_COLUMN;
  const { hessian: triangle, ...means } = whole.values;
  const hessian = new Float64Array((columns * (columns + 1)) / 2);
  for (let i = 0, at = 0; i < columns; i++) {
    const line = ((FIRST_COLUMN + i) * (FIRST_COLUMN + i + 1)) / 2 + FIRST_COLUMN;
    for (let j = 0; j <= i; j++) hessian[at++] = triangle![line + j]!;
  }
  const values = {
    hessian,
    "mean-abs": means["mean-abs"]!.subarray(FIRST_COLUMN),
    "mean-square": means["mean-square"]!.subarray(FIRST_COLUMN),
  };
  return {
    weights: columnsOf({ ...all, rows }, FIRST_COLUMN, all.columns),
    statistics: { ...whole, shape: { rows, columns }, inFeatures: columns, values },
  };
}
