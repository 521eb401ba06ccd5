import type { KernelBackend } from "@lowbit/core/backend";
import type { QuantizationPlan } from "@lowbit/core/pipeline";
import type { StatisticKind } from "@lowbit/core/quantizers";
import { gradientKinds } from "../calibration/collectors/collector-table.js";
import type { CalibrationProtocol } from "../calibration/walk-blocks.js";
import type { ModelSource } from "../model/language-model.js";
import { estimateWalk, type WalkEstimate } from "../quantize/estimate-walk.js";
import { type MemoryPlan, planMemory } from "../quantize/plan-memory.js";
import { type ModelQuantizationSettings, prepareModelQuantization } from "./prepare-model-quantization.js";

/** What a run would do and take. Sizes are exact where they follow from the shapes; counts of outliers are expected ones. */
export interface ModelForecast {
  readonly plan: QuantizationPlan;
  /** Statistics that the methods read. */
  readonly needs: readonly StatisticKind[];
  readonly blockCount: number;
  /** Layers of blocks that are to be quantized. */
  readonly layerCount: number;
  readonly protocol?: CalibrationProtocol;
  readonly samples?: { readonly count: number; readonly length: number; readonly origin: string };
  readonly memory: MemoryPlan;
  /** Of running the samples through the blocks; absent without samples. Quantizing the layers comes on top. */
  readonly walk?: WalkEstimate;
}

/** The dry run: reads headers, and statistics' headers; writes nothing. */
export async function forecastModel(
  source: ModelSource,
  backend: KernelBackend,
  options: ModelQuantizationSettings & { readonly maxMemory?: number },
): Promise<ModelForecast> {
  const { plan, choices, needs, kinds, checkpoint, file } = await prepareModelQuantization(source, options);
  await checkpoint.close();
  await file?.close();
  const { statistics, maxMemory } = options;
  const set = statistics.kind === "calibration" ? statistics.set : undefined;
  const memory = planMemory(source, plan, {
    kinds,
    ...(set !== undefined && { set }),
    ...(maxMemory !== undefined && { maxMemory }),
  });
  return {
    plan,
    needs,
    blockCount: choices.blocks.length,
    layerCount: choices.blocks.reduce((sum, { choices: chosen }) => sum + chosen.size, 0),
    ...(statistics.kind === "calibration" && { protocol: statistics.protocol ?? "quantized" }),
    ...(set !== undefined && { samples: { count: set.samples, length: set.length, origin: set.origin } }),
    memory,
    ...(statistics.kind === "calibration" && {
      walk: estimateWalk(source, backend, {
        set: statistics.set,
        protocol: statistics.protocol ?? "quantized",
        needsGradients: gradientKinds(needs).length > 0,
      }),
    }),
  };
}
