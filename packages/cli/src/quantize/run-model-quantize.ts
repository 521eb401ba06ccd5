import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { availableMemory } from "node:process";
import type { KernelBackend } from "@lowbit/core/backend";
import { checkOutputPaths } from "@lowbit/core/node";
import type { PlanSettings, QuantizationReport } from "@lowbit/core/pipeline";
import { checkTokenizer, type LayerTransformSettings, layerTransforms, type ModelSource } from "@lowbit/lm";
import {
  forecastModel,
  type ModelForecast,
  type ModelQuantizationSettings,
  modelDirectory,
  openModel,
  openTokenizer,
  quantizeModel,
  type StatisticsOrigin,
} from "@lowbit/lm/node";
import { DEFAULT_SAMPLE_LENGTH, fileSamples } from "../calibrate/calibration-samples.js";
import { openBackend } from "../create-backend.js";
import { withRotatedInput } from "../transform/rotated-input.js";
import type { TransformChoice } from "../transform/rotation-option.js";
import type { QuantizeRequest, StatisticsRequest } from "./run-quantize.js";

export async function forecastModelQuantize(request: QuantizeRequest, plan: PlanSettings): Promise<ModelForecast> {
  // Nothing is left where the output would be, not for a moment.
  const folder = await mkdtemp(join(tmpdir(), "lowbit-forecast-"));
  const forecast = async (source: ModelSource, backend: KernelBackend) =>
    forecastModel(source, backend, {
      ...settings(request, plan, await statisticsOrigin(request.statistics, source)),
      maxMemory: memoryLimit(request),
    });
  try {
    return await withModel(request, forecast, join(folder, "rotated"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `lowbit quantize` with methods or statistics that go through the model. */
export async function runModelQuantize(request: QuantizeRequest, plan: PlanSettings): Promise<QuantizationReport> {
  const { output, resume = false, force = false, signal, onProgress } = request;
  await checkOutputPaths({ output, resume, force });
  return withModel(request, async (source, backend) =>
    quantizeModel(source, backend, {
      ...settings(request, plan, await statisticsOrigin(request.statistics, source)),
      maxMemory: memoryLimit(request),
      resume,
      force,
      ...(signal !== undefined && { signal }),
      onProgress: ({ phase: _, ...state }) => onProgress?.(state),
    }),
  );
}

/** @param rotatedPath where the rotated model lies meanwhile, for rotations that are merged into weights */
export async function withModel<T>(
  { input, output, transforms, resume = false, force = false, signal, backend: wish, threads }: QuantizeRequest,
  use: (source: ModelSource, backend: KernelBackend) => Promise<T>,
  rotatedPath: string = `${output}.rotated`,
): Promise<T> {
  const { backend } = await openBackend(wish, threads);
  try {
    if (transforms !== undefined && transforms.merged.length > 0) {
      const { merged: sites, seed } = transforms;
      const rotated = { input, path: rotatedPath, sites, seed, resume, force, ...(signal !== undefined && { signal }) };
      return await withRotatedInput(rotated, backend, (source) => use(source, backend));
    }
    const source = await openModel(input, backend);
    try {
      return await use(source, backend);
    } finally {
      await source.close();
    }
  } finally {
    backend.close();
  }
}

export function settings(
  { output, maxShardBytes, keepSplit = false, transforms }: QuantizeRequest,
  plan: PlanSettings,
  statistics: StatisticsOrigin,
): ModelQuantizationSettings {
  const layers = transforms && layerTransforms(layerSettings(transforms));
  return {
    output,
    plan,
    statistics,
    keepSplit,
    ...(layers !== undefined && { layerTransforms: layers }),
    ...(maxShardBytes !== undefined && { maxShardBytes }),
  };
}

function layerSettings({ online, seed, smooth }: TransformChoice): LayerTransformSettings {
  return { seed, ...(online !== undefined && { rotate: online }), ...(smooth !== undefined && { smooth }) };
}

export async function statisticsOrigin(
  request: StatisticsRequest | undefined,
  source: ModelSource,
): Promise<StatisticsOrigin> {
  if (request === undefined) return { kind: "none" };
  if (request.kind === "file") return request;
  const { origin, samples, seed, protocol } = request;
  const length = request.sampleLength ?? Math.min(DEFAULT_SAMPLE_LENGTH, source.config.contextLength);
  const tokenizer = origin.kind === "text" ? await openTokenizer(modelDirectory(source.name)) : undefined;
  if (tokenizer !== undefined) checkTokenizer(tokenizer, source.config, source.name);
  const { set } = await fileSamples({ origin, samples, length, seed }, origin.path, tokenizer, source);
  return { kind: "calibration", set, protocol };
}

export function memoryLimit({ maxMemoryBytes }: QuantizeRequest): number {
  return maxMemoryBytes ?? Math.floor(availableMemory() / 2);
}
