import type { KernelBackend } from "@lowbit/core/backend";
import type { StatisticValues } from "@lowbit/core/quantizers";
import { nextTokenBatch } from "../autograd/scored-batch.js";
import { weightGradients } from "../autograd/weight-gradients.js";
import type { ActivationBits } from "../forward/activation-precision.js";
import { TensorPool } from "../forward/tensor-pool.js";
import type { LanguageModel, ModelSource } from "../model/language-model.js";
import { calibrationPause } from "./calibration-pause.js";
import type { CalibrationSet } from "./calibration-set.js";
import { GRADIENT_COLLECTORS } from "./collectors/collector-table.js";
import type { GradientStatisticKind } from "./collectors/gradient-collector.js";
import { checkSampleLength } from "./sample-batches.js";
import { statisticTensor } from "./statistics-schema.js";

/** Changes the values of a tensor in place; they are zeros at first. */
export type UpdateStatistic = (tensor: string, change: (values: StatisticValues) => void) => void;

export interface GradientOptions {
  readonly kinds: readonly GradientStatisticKind[];
  /** Rounds activations; default: what the model was trained with. */
  readonly activationBits?: ActivationBits;
  readonly signal?: AbortSignal;
  /** Called after every sample with how many are done. */
  readonly onSample?: (done: number) => void;
}

/**
 * Statistics of the gradients of every sample's mean next-token loss by the weights of the blocks' linear layers, one
 * sample after the other.
 * @throws `calibration/invalid-option`, `calibration/aborted`, `gradient/non-finite-loss`
 */
export async function collectGradients(
  model: LanguageModel | ModelSource,
  backend: KernelBackend,
  set: CalibrationSet,
  { kinds, activationBits, signal, onSample }: GradientOptions,
  update: UpdateStatistic,
): Promise<void> {
  checkSampleLength(set, model.config);
  const pool = new TensorPool(backend);
  const collectors = kinds.map((kind) => GRADIENT_COLLECTORS[kind]);
  const pause = calibrationPause(signal);
  const weight = 1 / set.samples;
  try {
    for (let sample = 0; sample < set.samples; sample++) {
      await pause();
      const ids = set.ids.subarray(sample * set.length, (sample + 1) * set.length);
      await weightGradients(
        model,
        backend,
        nextTokenBatch(ids, 1),
        (name, _kind, gradient) => {
          for (const collector of collectors) {
            update(statisticTensor(name, collector.kind), (sums) => collector.add(gradient, weight, sums));
          }
        },
        { pool, ...(activationBits !== undefined && { activationBits }) },
      );
      onSample?.(sample + 1);
    }
  } finally {
    pool.trim();
  }
}
