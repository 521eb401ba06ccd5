import { availableMemory } from "node:process";
import type { BackendName, KernelBackend } from "@lowbit/core/backend";
import { lowbitVersion } from "@lowbit/core/node";
import type { StatisticKind } from "@lowbit/core/quantizers";
import {
  type ActivationBits,
  type CalibrationPlan,
  type CalibrationSet,
  type CollectProgress,
  checkTokenizer,
  type ModelSource,
  planCalibration,
  type StatisticDtype,
  type Tokenizer,
} from "@lowbit/lm";
import {
  type CalibrateReport,
  calibrateModel,
  checkStatisticsOutput,
  modelDirectory,
  openModel,
  openTokenizer,
} from "@lowbit/lm/node";
import { openBackend } from "../create-backend.js";
import { DEFAULT_SAMPLE_LENGTH, fileSamples, type SampleOrigin, writtenSamples } from "./calibration-samples.js";

/** `lowbit calibrate` without its command line. */
export interface CalibrateRequest {
  readonly model: string;
  readonly output: string;
  readonly origin: SampleOrigin;
  readonly samples: number;
  /** Absent: 512, or the model's context where that is shorter. */
  readonly sampleLength?: number;
  readonly seed: number;
  readonly kinds: readonly StatisticKind[];
  readonly dtype: StatisticDtype;
  readonly activationBits?: ActivationBits;
  /** Bytes; absent: half of what is free. */
  readonly maxMemory?: number;
  readonly force: boolean;
  readonly backend?: BackendName;
  readonly threads: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CalibrateProgress) => void;
}

export interface CalibrateProgress extends Omit<CollectProgress, "phase"> {
  readonly phase: CollectProgress["phase"] | "samples";
}

/** What `--dry-run` prints; samples that the model would write are not made. */
export interface CalibrateForecast {
  readonly architecture: string;
  readonly layerCount: number;
  readonly samples: number;
  readonly length: number;
  /** Absent: the model is to write the samples. */
  readonly set?: CalibrationSet;
  readonly maxMemory: number;
  readonly plan: CalibrationPlan;
}

export interface CalibrateAnswer extends CalibrateReport {
  readonly set: CalibrationSet;
  readonly modelFingerprint: string;
  readonly backend: { readonly name: string; readonly isa: string; readonly threads: number };
}

/** Measured on Node 24: the process before a tokenizer or model is loaded. */
const PROCESS_BYTES = 100 * 2 ** 20;

export async function forecastCalibrate(request: CalibrateRequest): Promise<CalibrateForecast> {
  return withModel(request, async (opened) => {
    const { source, maxMemory, length } = opened;
    const { samples, origin } = request;
    const made =
      origin.kind === "self-generated"
        ? undefined
        : await fileSamples(sized(request, opened), origin.path, opened.tokenizer, source);
    const processMemory = PROCESS_BYTES + (made?.byteLength ?? 0);
    return {
      architecture: source.config.architecture,
      layerCount: layerCount(source),
      samples,
      length,
      ...(made !== undefined && { set: made.set }),
      maxMemory,
      plan: planCalibration(source, { samples, length }, { ...request, maxMemory, processMemory }),
    };
  });
}

export async function runCalibrate(request: CalibrateRequest): Promise<CalibrateAnswer> {
  return withModel(request, async (opened) => {
    const { source, backend, tokenizer, length, maxMemory } = opened;
    const { samples, origin, onProgress } = request;
    // Before any long work: what is refused here would be refused after it.
    planCalibration(source, { samples, length }, { ...request, maxMemory, processMemory: PROCESS_BYTES });
    const wish = sized(request, opened);
    const onSample = (done: number): void =>
      onProgress?.({ phase: "samples", done, total: samples, label: "written by the model" });
    const { set, byteLength } =
      origin.kind === "self-generated"
        ? { set: await writtenSamples({ ...wish, onProgress: onSample }, tokenizer, source, backend), byteLength: 0 }
        : await fileSamples(wish, origin.path, tokenizer, source);
    const report = await calibrateModel(source, backend, set, {
      ...request,
      maxMemory,
      processMemory: PROCESS_BYTES + byteLength,
      lowbitVersion: lowbitVersion(),
    });
    const { name, isa, threads } = backend;
    return { ...report, set, modelFingerprint: await source.fingerprint(), backend: { name, isa, threads } };
  });
}

interface OpenedModel {
  readonly source: ModelSource;
  readonly backend: KernelBackend;
  readonly tokenizer: Tokenizer;
  /** Tokens of a sample. */
  readonly length: number;
  readonly maxMemory: number;
}

async function withModel<T>(request: CalibrateRequest, use: (opened: OpenedModel) => Promise<T>): Promise<T> {
  await checkStatisticsOutput(request.output, request.model, request.force);
  const { backend } = await openBackend(request.backend, request.threads);
  try {
    const source = await openModel(request.model, backend);
    try {
      const tokenizer = await openTokenizer(modelDirectory(request.model));
      checkTokenizer(tokenizer, source.config, request.model);
      const length = request.sampleLength ?? Math.min(DEFAULT_SAMPLE_LENGTH, source.config.contextLength);
      const maxMemory = request.maxMemory ?? Math.floor(availableMemory() / 2);
      return await use({ source, backend, tokenizer, length, maxMemory });
    } finally {
      await source.close();
    }
  } finally {
    backend.close();
  }
}

function sized({ origin, samples, seed, signal }: CalibrateRequest, { length }: OpenedModel) {
  return { origin, samples, seed, length, ...(signal !== undefined && { signal }) };
}

function layerCount(source: ModelSource): number {
  const blocks = Array.from({ length: source.config.blockCount }, (_, index) => source.describeBlock(index));
  return blocks.reduce((sum, { groups }) => sum + groups.flat().length, 0);
}
