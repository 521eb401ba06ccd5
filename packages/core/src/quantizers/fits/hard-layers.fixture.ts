import type { CalibratedLayer } from "../calibrated-quantizer.js";
import { smallLayer } from "../small-layer.fixture.js";

/** Layers that have less of something than methods expect. */
export const HARD_LAYERS: readonly (readonly [name: string, layer: CalibratedLayer])[] = [
  ["8 × 8", smallLayer({ rows: 8, columns: 8 })],
  ["one row", smallLayer({ rows: 1, columns: 40 })],
  ["one column", smallLayer({ rows: 9, columns: 1 })],
  ["129 columns", smallLayer({ rows: 6, columns: 129 })],
  ["dead inputs", smallLayer({ rows: 6, columns: 40, dead: [0, 7, 8, 39] })],
  ["rows of zeros and of one value", withRows(smallLayer({ rows: 6, columns: 40 }), [0, 0.75, -2])],
  ["weights of zeros", withRows(smallLayer({ rows: 3, columns: 24 }), [0, 0, 0])],
];

/** The first rows hold one value each. */
function withRows(layer: CalibratedLayer, rowValues: readonly number[]): CalibratedLayer {
  const { columns } = layer.weights;
  const values = layer.weights.values.slice();
  rowValues.forEach((value, row) => {
    values.fill(value, row * columns, (row + 1) * columns);
  });
  return { ...layer, weights: { ...layer.weights, values } };
}
