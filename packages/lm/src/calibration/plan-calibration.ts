import { LowbitError } from "@lowbit/core/errors";
import type { StatisticKind } from "@lowbit/core/quantizers";
import { tensorByteLength } from "@lowbit/core/safetensors";
import type { BlockDescription } from "../model/block-description.js";
import type { DecoderConfig } from "../model/decoder-config.js";
import type { ModelSource } from "../model/language-model.js";
import { storeByteLength } from "./activation-store.js";
import type { StatisticDtype } from "./collectors/collector.js";
import { gradientKinds, INPUT_COLLECTORS, inputKinds } from "./collectors/collector-table.js";
import { checkSampleLength, type SampleShape, samplesPerBatch } from "./sample-batches.js";

export interface PlanOptions {
  readonly kinds: readonly StatisticKind[];
  readonly dtype: StatisticDtype;
  readonly tokensPerBatch?: number;
  /** Bytes; absent: no limit. */
  readonly maxMemory?: number;
  /** Bytes of the process before the work; default: Node with a program of this size. */
  readonly processMemory?: number;
}

/** Bytes that a phase of the work needs in memory, by purpose, and what is kept on disk instead. */
export interface PhasePlan {
  /** Weights: the largest block; for gradients all blocks where they fit. */
  readonly weights: number;
  /** Activations of one batch while it runs. */
  readonly workspace: number;
  /** Sums and finished statistics of one block, or of all gradients. */
  readonly statistics: number;
  /** Activations of all samples. */
  readonly activations: number;
  /** The sum of these, without what is on disk. */
  readonly total: number;
}

export interface CalibrationPlan {
  /** Bytes of the finished file, without its header. */
  readonly fileBytes: number;
  readonly inputs?: PhasePlan & { readonly activationsOnDisk: boolean };
  readonly gradients?: PhasePlan & { readonly statisticsOnDisk: boolean; readonly loadsWholeModel: boolean };
  /** Estimated peak memory of the process. */
  readonly peakMemory: number;
}

/** Measured on Node 24: the process before anything is loaded. */
const PROCESS_BYTES = 100 * 2 ** 20;
const FLOAT = Float32Array.BYTES_PER_ELEMENT;

/**
 * Sizes before any work. What does not fit below `maxMemory` goes to disk where it can.
 * @throws `calibration/memory-limit`, `calibration/invalid-option`
 */
export function planCalibration(source: ModelSource, set: SampleShape, options: PlanOptions): CalibrationPlan {
  const { maxMemory = Number.POSITIVE_INFINITY, processMemory = PROCESS_BYTES, kinds } = options;
  checkSampleLength(set, source.config);
  const blocks = Array.from({ length: source.config.blockCount }, (_, index) => source.describeBlock(index));
  const room = maxMemory - processMemory;
  const inputs = inputKinds(kinds).length > 0 ? planInputs(source.config, blocks, set, options, room) : undefined;
  const gradients =
    gradientKinds(kinds).length > 0 ? planGradients(source.config, blocks, set, options, room) : undefined;
  const needed = Math.max(inputs?.total ?? 0, gradients?.total ?? 0);
  if (needed > room) {
    const minimum = needed + processMemory;
    throw new LowbitError(
      "calibration/memory-limit",
      `The memory limit is ${maxMemory} bytes; calibration of this model needs at least ${minimum} bytes.`,
      { found: maxMemory, minimum },
    );
  }
  const all = blocks.reduce((sum, block) => sum + inputBytes(block, options) + gradientBytes(block, options), 0);
  return {
    fileBytes: all,
    ...(inputs !== undefined && { inputs }),
    ...(gradients !== undefined && { gradients }),
    peakMemory: needed + processMemory,
  };
}

function planInputs(
  config: DecoderConfig,
  blocks: readonly BlockDescription[],
  set: SampleShape,
  options: PlanOptions,
  room: number,
): NonNullable<CalibrationPlan["inputs"]> {
  // The embedding is loaded alone, before the blocks; f32 at most.
  const embedding = config.vocabularySize * config.hiddenSize * FLOAT;
  const weights = Math.max(embedding, ...blocks.map(({ byteLength }) => byteLength));
  const workspace = samplesPerBatch(set, options.tokensPerBatch) * set.length * widthOf(config) * FLOAT;
  // Sums become statistics one after the other: one is there twice.
  const statistics = Math.max(...blocks.map((block) => inputBytes(block, options) + largestStatistic(block, options)));
  const activations = storeByteLength({ samples: set.samples, length: set.length, columns: config.hiddenSize });
  const fixed = weights + workspace + statistics;
  const activationsOnDisk = fixed + activations > room;
  return {
    weights,
    workspace,
    statistics,
    activations,
    total: fixed + (activationsOnDisk ? 0 : activations),
    activationsOnDisk,
  };
}

function planGradients(
  config: DecoderConfig,
  blocks: readonly BlockDescription[],
  set: SampleShape,
  options: PlanOptions,
  room: number,
): NonNullable<CalibrationPlan["gradients"]> {
  const { length } = set;
  const embedding = config.vocabularySize * config.hiddenSize * FLOAT;
  const largestBlock = Math.max(...blocks.map(({ byteLength }) => byteLength));
  const everything = 2 * embedding + blocks.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const largestLayer = Math.max(...blocks.flatMap(({ groups }) => groups.flat().map(weightCount))) * FLOAT;
  // One block's values and their gradients; the logits of a sample.
  const workspace = length * (2 * widthOf(config) + 2 * config.vocabularySize) * FLOAT + largestLayer;
  const activations = length * config.hiddenSize * (config.blockCount + 1) * FLOAT;
  const statistics = blocks.reduce((sum, block) => sum + gradientBytes(block, options), 0);
  const fixed = workspace + activations + Math.max(embedding, largestBlock);
  const statisticsOnDisk = fixed + statistics > room;
  const kept = statisticsOnDisk ? largestLayer * (options.dtype === "F64" ? 2 : 1) : statistics;
  const loadsWholeModel = workspace + activations + everything + kept <= room;
  const weights = loadsWholeModel ? everything : Math.max(embedding, largestBlock);
  return {
    weights,
    workspace,
    statistics,
    activations,
    total: workspace + activations + weights + kept,
    statisticsOnDisk,
    loadsWholeModel,
  };
}

/** Floats that a block has in memory for one token, at most: see `runBlock`. */
function widthOf(config: DecoderConfig): number {
  const { hiddenSize, headCount, keyValueHeadCount, headSize, feedForward } = config;
  return 6 * hiddenSize + (4 * headCount + 4 * keyValueHeadCount) * headSize + 4 * feedForward.size;
}

const weightCount = ({ rows, columns }: { rows: number; columns: number }): number => rows * columns;

function valueBytes(count: number, { dtype }: PlanOptions): number {
  return tensorByteLength(dtype, [count]) as number;
}

function inputBytes({ groups }: BlockDescription, options: PlanOptions): number {
  return statisticBytes(groups, options).reduce((sum, bytes) => sum + bytes, 0);
}

function largestStatistic({ groups }: BlockDescription, options: PlanOptions): number {
  return Math.max(0, ...statisticBytes(groups, options));
}

function statisticBytes(groups: BlockDescription["groups"], options: PlanOptions): readonly number[] {
  return groups.flatMap(([first]) =>
    inputKinds(options.kinds).map((kind) => valueBytes(INPUT_COLLECTORS[kind].valueCount(first!.inFeatures), options)),
  );
}

function gradientBytes({ groups }: BlockDescription, options: PlanOptions): number {
  const weights = groups.flat().reduce((sum, layer) => sum + weightCount(layer), 0);
  return gradientKinds(options.kinds).length * valueBytes(weights, options);
}
