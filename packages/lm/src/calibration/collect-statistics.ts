import type { KernelBackend } from "@lowbit/core/backend";
import type { StatisticKind, StatisticValues } from "@lowbit/core/quantizers";
import type { ActivationBits } from "../forward/activation-precision.js";
import type { LanguageModel, ModelSource } from "../model/language-model.js";
import type { ActivationStoreFactory } from "./activation-store.js";
import type { CalibrationSet } from "./calibration-set.js";
import { collectGradients, type UpdateStatistic } from "./collect-gradients.js";
import type { StatisticDtype } from "./collectors/collector.js";
import { gradientKinds, inputKinds } from "./collectors/collector-table.js";
import { statisticTensor } from "./statistics-schema.js";
import { walkBlocks } from "./walk-blocks.js";

/** Where statistics go. Tensors are named as in `statisticTensor`; of layers that share an input only the first is written. */
export interface StatisticsSink {
  put(tensor: string, values: StatisticValues): Promise<void>;
  readonly update: UpdateStatistic;
}

export interface CollectOptions {
  readonly kinds: readonly StatisticKind[];
  readonly dtype: StatisticDtype;
  readonly tokensPerBatch?: number;
  readonly activationBits?: ActivationBits;
  readonly createStore?: ActivationStoreFactory;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CollectProgress) => void;
}

export interface CollectProgress {
  /** Inputs are collected first, block by block, then gradients, sample by sample. */
  readonly phase: "inputs" | "gradients";
  /** Of the phase, in samples: for inputs those of every block. */
  readonly done: number;
  readonly total: number;
  /** "block 3 of 30", "sample 7 of 128". */
  readonly label: string;
}

/** Statistics of all linear layers of a model's blocks, of the model as it is, into a sink. */
export async function collectStatistics(
  model: LanguageModel | ModelSource,
  backend: KernelBackend,
  set: CalibrationSet,
  options: CollectOptions,
  sink: StatisticsSink,
): Promise<void> {
  const { kinds, dtype, onProgress, createStore, tokensPerBatch, ...shared } = options;
  const collect = inputKinds(kinds);
  if (collect.length > 0) {
    await walkBlocks(
      model,
      backend,
      set,
      {
        ...shared,
        protocol: "original",
        collect,
        dtype,
        ...(createStore !== undefined && { createStore }),
        ...(tokensPerBatch !== undefined && { tokensPerBatch }),
        onProgress: ({ block, blockCount, done, total }) =>
          onProgress?.({ phase: "inputs", done, total, label: `block ${block + 1} of ${blockCount}` }),
      },
      async ({ statistics }) => {
        const written = new Set<unknown>();
        for (const { name, values } of statistics.values()) {
          if (written.has(values)) continue;
          written.add(values);
          for (const kind of collect) await sink.put(statisticTensor(name, kind), values[kind]!);
        }
        return undefined;
      },
    );
  }
  const gradients = gradientKinds(kinds);
  if (gradients.length > 0) {
    const total = set.samples;
    const onSample = (done: number): void =>
      onProgress?.({ phase: "gradients", done, total, label: `sample ${done} of ${total}` });
    await collectGradients(model, backend, set, { ...shared, kinds: gradients, onSample }, sink.update);
  }
}
