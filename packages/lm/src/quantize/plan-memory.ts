import type { QuantizationPlan } from "@lowbit/core/pipeline";
import type { StatisticKind } from "@lowbit/core/quantizers";
import { inputKinds } from "../calibration/collectors/collector-table.js";
import { planCalibration } from "../calibration/plan-calibration.js";
import type { SampleShape } from "../calibration/sample-batches.js";
import type { BlockDescription } from "../model/block-description.js";
import type { ModelSource } from "../model/language-model.js";

export interface MemoryOptions {
  /** Statistics of inputs that every layer gets. */
  readonly kinds: readonly StatisticKind[];
  /** Samples of a walk; absent: statistics are saved ones, or none. */
  readonly set?: SampleShape;
  readonly tokensPerBatch?: number;
  /** Bytes; absent: no limit. */
  readonly maxMemory?: number;
}

export interface MemoryPlan {
  /** Estimated peak memory of the process. */
  readonly peakMemory: number;
  readonly activationsOnDisk: boolean;
  /** Activations of all samples. */
  readonly activationBytes: number;
}

/** Measured on Node 24: a run on a model of 260 thousand weights. */
const PROCESS_BYTES = 150 * 2 ** 20;
const FLOAT = Float32Array.BYTES_PER_ELEMENT;

/**
 * Sizes before any work: one block, its statistics, what its terms will take, and the work on its largest layer. What does
 * not fit below `maxMemory` goes to disk where it can.
 * @throws `calibration/memory-limit`, `calibration/invalid-option`
 */
export function planMemory(source: ModelSource, plan: QuantizationPlan, options: MemoryOptions): MemoryPlan {
  const { kinds, set, maxMemory, tokensPerBatch } = options;
  const blocks = Array.from({ length: source.config.blockCount }, (_, index) => source.describeBlock(index));
  const bytes = new Map(plan.tensors.map(({ tensor, outputBytes }) => [tensor.name, outputBytes]));
  const largest = (figure: (block: BlockDescription) => number): number => Math.max(0, ...blocks.map(figure));
  // Twice: the terms, and the file that keeps them.
  const terms = largest(({ groups }) =>
    groups.flat().reduce((sum, { name }) => sum + 2 * (bytes.get(source.tensorName(name)) ?? 0), 0),
  );
  const work = largest(({ groups }) => Math.max(0, ...groups.flat().map(layerWork)));
  const processMemory = PROCESS_BYTES + terms + work;
  if (set !== undefined) {
    const calibration = planCalibration(source, set, {
      kinds: inputKinds(kinds),
      dtype: "F32",
      processMemory,
      ...(maxMemory !== undefined && { maxMemory }),
      ...(tokensPerBatch !== undefined && { tokensPerBatch }),
    });
    const { activationsOnDisk = false, activations = 0 } = calibration.inputs ?? {};
    return { peakMemory: calibration.peakMemory, activationsOnDisk, activationBytes: activations };
  }
  return {
    peakMemory: processMemory + largest(({ byteLength }) => byteLength),
    activationsOnDisk: false,
    activationBytes: 0,
  };
}

/**
 * Original, working copy, approximation and their difference; the Hessian whole, its factor, and that in f64 while it is
 * made; and half as much again of the layer before, which is not collected at once.
 */
function layerWork({ rows, columns, inFeatures }: { rows: number; columns: number; inFeatures: number }): number {
  return 1.5 * (4 * rows * columns + 4 * inFeatures * inFeatures) * FLOAT;
}
