import type { KernelBackend } from "@lowbit/core/backend";
import type { CalibratedLayer, StatisticValues } from "@lowbit/core/quantizers";

/** Directions that all inputs share, every one weaker than the one before. */
const DIRECTIONS = 16;
/** Every so many inputs one is several times as large. */
const OUTLIER_STEP = 61;
const OUTLIER_SIZE = 8;
/** Tokens that are made at a time. */
export const TOKEN_BLOCK = 2048;

/** A square linear layer with correlated inputs, some of them outliers: how fast a method is depends on its size alone. */
export interface GeneratedLayer {
  readonly size: number;
  /** [size, size] */
  readonly weights: Float32Array;
  /** Lower triangle of XᵀX over `tokens` tokens. */
  readonly hessian: Float32Array;
  readonly tokens: number;
  /** The last tokens of X, [TOKEN_BLOCK, size]. */
  readonly activations: Float32Array;
}

/** Twice as many tokens as inputs, so that the Hessian has full rank. */
export function generateLayer(size: number, backend: KernelBackend): GeneratedLayer {
  const random = new NormalNumbers();
  const weights = Float32Array.from({ length: size * size }, () => 0.02 * random.next());
  const sizes = Float32Array.from({ length: size }, (_, i) => {
    return Math.exp(0.3 * random.next()) * (i % OUTLIER_STEP === 7 ? OUTLIER_SIZE : 1);
  });
  const directions = Float32Array.from({ length: DIRECTIONS * size }, () => random.next());
  const hessian = new Float32Array((size * (size + 1)) / 2);
  const activations = new Float32Array(TOKEN_BLOCK * size);
  let tokens = 0;
  while (tokens < 2 * size) {
    fillTokens(activations, sizes, directions, random);
    backend.gramAccumulate({ values: activations, rows: TOKEN_BLOCK, columns: size }, hessian);
    tokens += TOKEN_BLOCK;
  }
  return { size, weights, hessian, tokens, activations };
}

/** The layer as methods take it; its weights are a copy, which they may overwrite. */
export function calibratedLayer({ size, weights, hessian, tokens }: GeneratedLayer): CalibratedLayer {
  const shape = { rows: size, columns: size };
  const meanSquare = Float64Array.from({ length: size }, (_, i) => hessian[(i * (i + 3)) / 2]! / tokens);
  const values: Readonly<Record<string, StatisticValues>> = {
    hessian,
    "mean-square": meanSquare,
    "mean-abs": meanSquare.map(Math.sqrt),
    "gradient-abs": weights.map(Math.abs),
    "gradient-square": weights.map((w) => w * w),
  };
  return {
    weights: { ...shape, values: weights.slice() },
    statistics: { name: "generated.weight", shape, inFeatures: size, samples: 1, tokens, values },
  };
}

function fillTokens(x: Float32Array, sizes: Float32Array, directions: Float32Array, random: NormalNumbers): void {
  const size = sizes.length;
  for (let begin = 0; begin < x.length; begin += size) {
    const row = x.subarray(begin, begin + size);
    for (let i = 0; i < size; i++) row[i] = random.next();
    for (let d = 0; d < DIRECTIONS; d++) {
      const strength = random.next() / (d + 1);
      const direction = directions.subarray(d * size, (d + 1) * size);
      for (let i = 0; i < size; i++) row[i]! += strength * direction[i]!;
    }
    for (let i = 0; i < size; i++) row[i]! *= sizes[i]!;
  }
}

/** The same numbers in every run: sums of four uniform ones, which are normal enough and quickly made. */
class NormalNumbers {
  #state = 1;

  next(): number {
    let sum = -2;
    for (let i = 0; i < 4; i++) {
      this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
      sum += this.#state / 2 ** 32;
    }
    return sum * Math.sqrt(3);
  }
}
