import type { KernelBackend } from "@lowbit/core/backend";
import { rowMajor } from "@lowbit/core/tensor";
import type { SampleShape } from "../calibration/sample-batches.js";
import type { CalibrationProtocol } from "../calibration/walk-blocks.js";
import type { ModelSource } from "../model/language-model.js";

export interface WalkEstimate {
  /** How often all samples run through every block, gradients left out. */
  readonly passes: number;
  /** Of these passes, of the Hessians, and of gradients where methods need them: products at the rate of this machine. */
  readonly seconds: number;
}

/** Statistics, then outputs of what took the place of the block; a group of layers at a time with true-sequential. */
const PASSES: Readonly<Record<CalibrationProtocol, number>> = { original: 1, quantized: 2, "true-sequential": 5 };
/** A pass forward, one forward that records, and two products backward. */
const GRADIENT_PASSES = 4;

const [TOKENS, SIZE] = [128, 512];
const LEAST_MS = 20;

/** For people, never for decisions: attention and the small steps of a block are left out. */
export function estimateWalk(
  source: ModelSource,
  backend: KernelBackend,
  options: { readonly set: SampleShape; readonly protocol: CalibrationProtocol; readonly needsGradients: boolean },
): WalkEstimate {
  const { set, protocol, needsGradients } = options;
  const passes = PASSES[protocol];
  let products = 0;
  for (let index = 0; index < source.config.blockCount; index++) {
    const { groups } = source.describeBlock(index);
    const weights = groups.flat().reduce((sum, { rows, columns }) => sum + rows * columns, 0);
    // Half of a square matrix a token.
    const grams = groups.reduce((sum, [first]) => sum + first!.inFeatures ** 2 / 2, 0);
    products += (passes + (needsGradients ? GRADIENT_PASSES : 0)) * weights + grams;
  }
  return { passes, seconds: products * set.samples * set.length * secondsOfProduct(backend) };
}

/** Seconds of one multiplication with its addition. */
function secondsOfProduct(backend: KernelBackend): number {
  const [a, b, c] = [TOKENS * SIZE, SIZE * SIZE, TOKENS * SIZE].map((count) => new Float32Array(count).fill(0.5));
  const run = (): void => {
    backend.matmul(rowMajor(a!, TOKENS, SIZE), rowMajor(b!, SIZE, SIZE), rowMajor(c!, TOKENS, SIZE));
  };
  run();
  const started = performance.now();
  let runs = 0;
  do {
    run();
    runs++;
  } while (performance.now() - started < LEAST_MS);
  return (performance.now() - started) / 1000 / (runs * TOKENS * SIZE * SIZE);
}
