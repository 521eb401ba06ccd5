import type { RowBlock } from "../tensor/row-block.js";
import type { LayerStatistics } from "./layer-statistics.js";
import { normalWeights } from "./quantize-matrix.fixture.js";

const ROWS = 256;
const COLUMNS = 512;
const TOKENS = 4096;
const SAMPLES = 8;
/** Directions that all inputs share, their variances 1, 1/2, 1/3 …, and how strong they are together. */
const DIRECTIONS = 32;
const SHARED_STRENGTH = 0.3;
/** Correlation of an input with its neighbour. */
const NEIGHBOUR_CORRELATION = 0.65;
/** Inputs of the second half that are this many times as large. */
const OUTLIER_CHANNELS = 4;
const OUTLIER_SIZE = 5;
/** Standard deviations of the logarithms of sizes: of columns of weights, and of inputs. */
const WEIGHT_SPREAD = 0.45;
const INPUT_SPREAD = 0.4;

export interface SyntheticLayer {
  /** A copy of its own: methods may overwrite it. */
  readonly weights: RowBlock;
  /** hessian, mean-abs and mean-square of `x`. */
  readonly statistics: LayerStatistics;
  /** [tokens, columns]; shared, leave it as it is. */
  readonly x: RowBlock;
}

let made: SyntheticLayer | undefined;

/**
 * A layer of 256 × 512 that is as hard as those of language models: Student-t(5) weights whose columns differ in size, 4096
 * tokens of correlated inputs with a few outlier channels. Methods are compared on it by their relative output error. Spreads
 * and correlations are such that the errors come near those that another implementation printed for a layer of this kind.
 */
export function syntheticLayer(): SyntheticLayer {
  made ??= makeLayer();
  return { ...made, weights: { ...made.weights, values: made.weights.values.slice() } };
}

function makeLayer(): SyntheticLayer {
  const weights = { rows: ROWS, columns: COLUMNS, values: makeWeights() };
  const x = { rows: TOKENS, columns: COLUMNS, values: makeInputs() };
  const meanAbs = new Float64Array(COLUMNS);
  const meanSquare = new Float64Array(COLUMNS);
  x.values.forEach((value, i) => {
    meanAbs[i % COLUMNS]! += Math.abs(value) / TOKENS;
    meanSquare[i % COLUMNS]! += value ** 2 / TOKENS;
  });
  const values = {
    hessian: gram(x).map((sum) => (2 / SAMPLES) * sum),
    "mean-abs": meanAbs,
    "mean-square": meanSquare,
  };
  const shape = { rows: ROWS, columns: COLUMNS };
  return {
    weights,
    x,
    statistics: { name: "synthetic.weight", shape, inFeatures: COLUMNS, samples: SAMPLES, tokens: TOKENS, values },
  };
}

/** Lower triangle of xᵀ·x, two rows and two columns at a time: half a billion products for every file of tests. */
function gram({ values }: RowBlock): Float64Array {
  const features = new Float64Array(COLUMNS * TOKENS);
  for (let token = 0; token < TOKENS; token++) {
    for (let c = 0; c < COLUMNS; c++) features[c * TOKENS + token] = values[token * COLUMNS + c]!;
  }
  const triangle = new Float64Array((COLUMNS * (COLUMNS + 1)) / 2);
  for (let i = 0; i < COLUMNS; i += 2) {
    for (let j = 0; j <= i; j += 2) {
      const sums = [0, 0, 0, 0] as [number, number, number, number];
      addProducts(
        features.subarray(i * TOKENS, (i + 2) * TOKENS),
        features.subarray(j * TOKENS, (j + 2) * TOKENS),
        sums,
      );
      const line = (i * (i + 1)) / 2;
      const next = line + i + 1;
      triangle[line + j] = sums[0];
      triangle[next + j] = sums[2];
      triangle[next + j + 1] = sums[3];
      if (j < i) triangle[line + j + 1] = sums[1];
    }
  }
  return triangle;
}

/** Products of two features with two others. */
function addProducts(left: Float64Array, right: Float64Array, sums: [number, number, number, number]): void {
  let [a, b, c, d] = sums;
  for (let t = 0; t < TOKENS; t++) {
    const p = left[t]!;
    const q = left[TOKENS + t]!;
    const r = right[t]!;
    const s = right[TOKENS + t]!;
    a += p * r;
    b += p * s;
    c += q * r;
    d += q * s;
  }
  sums[0] = a;
  sums[1] = b;
  sums[2] = c;
  sums[3] = d;
}

/** Student t: a normal over the root of a mean of five squares of normals; columns of log-normal size. */
function makeWeights(): Float32Array {
  const normal = normalWeights(6 * ROWS * COLUMNS, 101);
  const size = normalWeights(COLUMNS, 102).map((z) => 0.02 * Math.exp(WEIGHT_SPREAD * z));
  return Float32Array.from({ length: ROWS * COLUMNS }, (_, i) => {
    let squares = 0;
    for (let k = 1; k <= 5; k++) squares += normal[6 * i + k]! ** 2;
    return (size[i % COLUMNS]! * normal[6 * i]!) / Math.sqrt(squares / 5);
  });
}

/** x = (noise + shared directions), every input mixed with those before it, · size of the channel. */
function makeInputs(): Float32Array {
  const x = normalWeights(TOKENS * COLUMNS, 103);
  const strengths = normalWeights(TOKENS * DIRECTIONS, 104);
  const directions = normalWeights(DIRECTIONS * COLUMNS, 105);
  let variance = 0;
  for (let d = 1; d <= DIRECTIONS; d++) variance += 1 / d;
  const size = normalWeights(COLUMNS, 106).map((z) => Math.exp(INPUT_SPREAD * z));
  // Late channels are what act-order brings forward.
  for (let k = 0; k < OUTLIER_CHANNELS; k++) size[COLUMNS / 2 + 16 * k + 5]! *= OUTLIER_SIZE;
  for (let d = 0; d < DIRECTIONS; d++) {
    const load = SHARED_STRENGTH / Math.sqrt((d + 1) * variance);
    const direction = directions.subarray(d * COLUMNS, (d + 1) * COLUMNS);
    for (let token = 0; token < TOKENS; token++) {
      const strength = load * strengths[token * DIRECTIONS + d]!;
      const row = x.subarray(token * COLUMNS, (token + 1) * COLUMNS);
      for (let c = 0; c < COLUMNS; c++) row[c]! += strength * direction[c]!;
    }
  }
  const fresh = Math.sqrt(1 - NEIGHBOUR_CORRELATION ** 2);
  x.forEach((value, i) => {
    if (i % COLUMNS > 0) x[i] = NEIGHBOUR_CORRELATION * x[i - 1]! + fresh * value;
  });
  return x.map((value, i) => value * size[i % COLUMNS]!);
}
