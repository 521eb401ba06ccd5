import { gramAccumulate } from "../backend/reference/gram-accumulate.js";
import type { CalibratedLayer } from "./calibrated-quantizer.js";
import { normalWeights } from "./quantize-matrix.fixture.js";

export interface SmallLayerOptions {
  readonly rows: number;
  readonly columns: number;
  /** Inputs that are 0 in every token. */
  readonly dead?: readonly number[];
  readonly seed?: number;
}

/** Normal weights and twice as many tokens as columns, correlated by four directions; Hessian, magnitudes and gradients. */
export function smallLayer({ rows, columns, dead = [], seed = 1 }: SmallLayerOptions): CalibratedLayer {
  const tokens = 2 * columns;
  const noise = normalWeights(tokens * columns, seed);
  const strengths = normalWeights(tokens * 4, seed + 1);
  const directions = normalWeights(4 * columns, seed + 2);
  const x = noise.map((value, i) => {
    const [token, column] = [Math.floor(i / columns), i % columns];
    if (dead.includes(column)) return 0;
    let sum = value;
    for (let d = 0; d < 4; d++) sum += strengths[token * 4 + d]! * directions[d * columns + column]!;
    return sum * (1 + (column % 5));
  });
  const hessian = new Float64Array((columns * (columns + 1)) / 2);
  gramAccumulate({ rows: tokens, columns, values: x }, hessian);
  const mean = (of: (value: number) => number): Float64Array => {
    const means = new Float64Array(columns);
    x.forEach((value, i) => {
      means[i % columns]! += of(value) / tokens;
    });
    return means;
  };
  const gradients = normalWeights(rows * columns, seed + 3).map(Math.abs);
  const values = {
    hessian,
    "mean-abs": mean(Math.abs),
    "mean-square": mean((value) => value * value),
    "gradient-abs": gradients,
    "gradient-square": gradients.map((g) => g * g),
  };
  const shape = { rows, columns };
  return {
    weights: { rows, columns, values: normalWeights(rows * columns, seed + 4) },
    statistics: { name: "small.weight", shape, inFeatures: columns, samples: 2, tokens, values },
  };
}
