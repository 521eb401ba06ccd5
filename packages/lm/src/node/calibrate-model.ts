import { tmpdir } from "node:os";
import type { KernelBackend } from "@lowbit/core/backend";
import type { StatisticKind } from "@lowbit/core/quantizers";
import { createMemoryStore } from "../calibration/activation-store.js";
import type { CalibrationSet } from "../calibration/calibration-set.js";
import { type CollectProgress, collectStatistics } from "../calibration/collect-statistics.js";
import type { StatisticDtype } from "../calibration/collectors/collector.js";
import { gradientKinds, inputKinds } from "../calibration/collectors/collector-table.js";
import { type CalibrationPlan, planCalibration } from "../calibration/plan-calibration.js";
import { STATISTICS_VERSION, statisticsLayers } from "../calibration/statistics-schema.js";
import { type ActivationBits, activationRounding } from "../forward/activation-precision.js";
import type { ModelSource } from "../model/language-model.js";
import { checkStatisticsOutput } from "./check-statistics-output.js";
import { createDiskStore } from "./disk-activation-store.js";
import { createStatisticsOutput } from "./statistics-output.js";

export interface CalibrateOptions {
  readonly kinds: readonly StatisticKind[];
  /** Default: F32. */
  readonly dtype?: StatisticDtype;
  /** Path of the statistics file. */
  readonly output: string;
  /** Replace an existing file, once the new one is complete. */
  readonly force?: boolean;
  /** Bytes; what does not fit goes to disk where it can. Absent: no limit. */
  readonly maxMemory?: number;
  /** See `PlanOptions`. */
  readonly processMemory?: number;
  readonly tokensPerBatch?: number;
  readonly activationBits?: ActivationBits;
  /** Where activations go that do not fit in memory. Default: the system's temporary folder. */
  readonly temporaryDirectory?: string;
  readonly lowbitVersion: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CollectProgress) => void;
}

export interface CalibrateReport {
  readonly plan: CalibrationPlan;
  readonly byteLength: number;
  readonly layerCount: number;
  readonly seconds: number;
}

/**
 * Collects statistics of a model and saves them. The file appears when it is complete; after an error, or an abort, nothing
 * of it is left.
 * @throws what `checkStatisticsOutput`, `createStatisticsOutput`, `planCalibration` and `collectStatistics` throw
 */
export async function calibrateModel(
  source: ModelSource,
  backend: KernelBackend,
  set: CalibrationSet,
  options: CalibrateOptions,
): Promise<CalibrateReport> {
  const started = performance.now();
  const { kinds, dtype = "F32", output, force = false, temporaryDirectory = tmpdir(), signal, onProgress } = options;
  await checkStatisticsOutput(output, source.name, force);
  const plan = planCalibration(source, set, { ...options, dtype });
  const rounding = activationRounding(source.config, options.activationBits);
  const blocks = Array.from({ length: source.config.blockCount }, (_, index) => source.describeBlock(index));
  const schema = {
    version: STATISTICS_VERSION,
    lowbitVersion: options.lowbitVersion,
    modelFingerprint: await source.fingerprint(),
    calibration: {
      fingerprint: set.fingerprint,
      origin: set.origin,
      samples: set.samples,
      length: set.length,
    },
    protocol: "original",
    activationBits: rounding.activationBits ?? 32,
    dtype,
    kinds,
    layers: statisticsLayers(blocks),
  } as const;
  const file = createStatisticsOutput(output, schema, plan.gradients?.statisticsOnDisk ?? false);
  const shared = {
    dtype,
    ...(options.tokensPerBatch !== undefined && { tokensPerBatch: options.tokensPerBatch }),
    ...rounding,
    ...(signal !== undefined && { signal }),
    ...(onProgress !== undefined && { onProgress }),
    createStore: plan.inputs?.activationsOnDisk
      ? (shape: Parameters<typeof createDiskStore>[0]) => createDiskStore(shape, temporaryDirectory)
      : createMemoryStore,
  };
  try {
    await collectStatistics(source, backend, set, { ...shared, kinds: inputKinds(kinds) }, file);
    if (plan.gradients?.loadsWholeModel) {
      const model = await source.load();
      try {
        await collectStatistics(model, backend, set, { ...shared, kinds: gradientKinds(kinds) }, file);
      } finally {
        model.close();
      }
    } else await collectStatistics(source, backend, set, { ...shared, kinds: gradientKinds(kinds) }, file);
    file.finish();
  } finally {
    file.discard();
  }
  const seconds = (performance.now() - started) / 1000;
  return { plan, byteLength: file.byteLength, layerCount: Object.keys(schema.layers).length, seconds };
}
