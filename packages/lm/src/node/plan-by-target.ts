import type { KernelBackend } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { isResumable, lowbitVersion, planCheckpoint } from "@lowbit/core/node";
import type { PlanSettings, TensorRule } from "@lowbit/core/pipeline";
import { STATISTIC_KINDS, type StatisticKind } from "@lowbit/core/quantizers";
import type { StatisticsFile } from "../calibration/statistics-file.js";
import type { ModelSource } from "../model/language-model.js";
import { chooseLayers } from "../quantize/choose-layers.js";
import { METHODS } from "../quantize/method-table.js";
import { type ResolvedCandidate, resolveCandidates } from "../quantize/mixed-precision/candidate.js";
import {
  type Candidate,
  DEFAULT_CANDIDATES,
  measureCandidates,
  planTarget,
  type TargetPlan,
  targetRules,
} from "../quantize/mixed-precision/index.js";
import { measuringNeeds } from "../quantize/mixed-precision/measure-candidates.js";
import { calibrateModel } from "./calibrate-model.js";
import { openStatistics } from "./open-statistics.js";
import type { StatisticsOrigin } from "./prepare-model-quantization.js";
import { openTargetDirectory, type TargetDirectory } from "./target-directory.js";

export interface PlanByTargetOptions {
  /** Stored bits per weight over the layers that are chosen for. */
  readonly targetBitsPerWeight: number;
  /** Default: DEFAULT_CANDIDATES. */
  readonly candidates?: readonly Candidate[];
  /** What is measured is kept in `OUTPUT.target`. */
  readonly output: string;
  /** Layers that a rule keeps, or gives a method, are not chosen for and do not count. */
  readonly rules: readonly TensorRule[];
  readonly statistics: Exclude<StatisticsOrigin, { readonly kind: "none" }>;
  /** Go on with what an earlier run has measured. */
  readonly resume?: boolean;
  /** File in which what is measured is kept for other targets; what fits is read from it. */
  readonly measuredPath?: string;
  /** Bytes; see `CalibrateOptions`. */
  readonly maxMemory?: number;
  readonly temporaryDirectory?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TargetProgress) => void;
}

export interface TargetProgress {
  readonly phase: "inputs" | "gradients" | "candidates";
  readonly label: string;
  readonly done: number;
  readonly total: number;
  readonly unit: "samples" | "candidates";
}

export interface PlannedTarget {
  readonly target: TargetPlan;
  /** The given settings with a rule for every layer that was chosen for. */
  readonly settings: PlanSettings;
  /** Removes what was kept for resuming. */
  finish(): Promise<void>;
}

/** Every plan has a method for tensors without a rule; here there are none when the rules are complete. */
const PLACEHOLDER = "rtn";

/**
 * Chooses a candidate for every linear layer of the blocks: quantizes each layer with each candidate, predicts what that
 * costs, and takes the cheapest assignment within the target.
 * @throws `quantize/target-out-of-reach`, `quantize/no-candidates`, `quantize/no-candidate-fits`, `calibration/…`,
 * `pipeline/nothing-to-do`, `pipeline/aborted`
 */
export async function planByTarget(
  source: ModelSource,
  backend: KernelBackend,
  options: PlanByTargetOptions,
): Promise<PlannedTarget> {
  const { output, rules, resume = false, measuredPath } = options;
  const all = resolveCandidates(options.candidates ?? DEFAULT_CANDIDATES, METHODS);
  const candidates = await candidatesOfLayers(source, output, rules, all);
  const directory = await openTargetDirectory(output, resume, measuredPath);
  try {
    const target = await measureAndPlan(source, backend, options, all, candidates, directory);
    const settings = { method: PLACEHOLDER, options: {}, rules: [...rules, ...targetRules(target, source)] };
    return { target, settings, finish: directory.remove };
  } catch (error) {
    if (!isResumable(error)) await directory.remove();
    throw error;
  }
}

/** The layers that no rule decides on, each with all candidates. */
async function candidatesOfLayers(
  source: ModelSource,
  output: string,
  rules: readonly TensorRule[],
  all: readonly ResolvedCandidate[],
): Promise<ReadonlyMap<string, readonly ResolvedCandidate[]>> {
  const plan = { method: PLACEHOLDER, options: {}, rules };
  const planned = await planCheckpoint({ input: source.name, output, plan }, METHODS);
  await planned.checkpoint.close();
  const { blocks } = chooseLayers(source, planned.plan, METHODS);
  const open = blocks.flatMap(({ choices }) =>
    [...choices].flatMap(([name, choice]) => (choice.planned.reason === "default" ? [name] : [])),
  );
  if (open.length === 0) {
    throw new LowbitError("pipeline/nothing-to-do", "No layer of a block is left to choose for.", {});
  }
  return new Map(open.map((name) => [name, all]));
}

async function measureAndPlan(
  source: ModelSource,
  backend: KernelBackend,
  options: PlanByTargetOptions,
  all: readonly ResolvedCandidate[],
  candidates: ReadonlyMap<string, readonly ResolvedCandidate[]>,
  directory: TargetDirectory,
): Promise<TargetPlan> {
  const statistics = await openedStatistics(source, backend, options, measuringNeeds(all), directory);
  try {
    const circumstances = JSON.stringify({
      lowbit: lowbitVersion(),
      backend: `${backend.name} ${backend.isa}`,
      statistics: { ...statistics.schema, layers: undefined },
      candidates: all.map(({ label }) => label),
    });
    const { signal, onProgress } = options;
    const done = await directory.open(circumstances);
    const measured = await measureCandidates(source, backend, {
      candidates,
      statistics,
      done: new Map(done),
      layerDone: (layer) => directory.add(layer),
      ...(signal !== undefined && { signal }),
      onProgress: ({ layer, ...counts }) =>
        onProgress?.({ phase: "candidates", label: layer, ...counts, unit: "candidates" }),
    });
    return planTarget(measured, candidates, options.targetBitsPerWeight);
  } finally {
    await statistics.close();
  }
}

/** Those of the file, or what is collected now of the model as it is, gradients included. */
async function openedStatistics(
  source: ModelSource,
  backend: KernelBackend,
  { statistics, maxMemory, temporaryDirectory, signal, onProgress }: PlanByTargetOptions,
  needs: readonly StatisticKind[],
  directory: TargetDirectory,
): Promise<StatisticsFile> {
  const fingerprint = await source.fingerprint();
  if (statistics.kind === "file") return withKinds(await openStatistics(statistics.path, fingerprint), needs);
  const path = directory.statisticsPath;
  const kinds = STATISTIC_KINDS.filter((kind) => needs.includes(kind) || kind === "gradient-square");
  if (directory.hasStatistics) {
    const earlier = await openStatistics(path, fingerprint);
    const isSame = earlier.schema.calibration.fingerprint === statistics.set.fingerprint;
    if (isSame && kinds.every((kind) => earlier.schema.kinds.includes(kind))) return earlier;
    await earlier.close();
  }
  await calibrateModel(source, backend, statistics.set, {
    kinds,
    output: path,
    force: true,
    lowbitVersion: lowbitVersion(),
    ...(maxMemory !== undefined && { maxMemory }),
    ...(temporaryDirectory !== undefined && { temporaryDirectory }),
    ...(signal !== undefined && { signal }),
    ...(onProgress !== undefined && { onProgress: (progress) => onProgress({ ...progress, unit: "samples" }) }),
  });
  return openStatistics(path, fingerprint);
}

async function withKinds(file: StatisticsFile, needs: readonly StatisticKind[]): Promise<StatisticsFile> {
  const missing = needs.find((kind) => !file.schema.kinds.includes(kind));
  if (missing === undefined) return file;
  await file.close();
  throw new LowbitError(
    "calibration/missing-statistic",
    `${file.name} has no ${missing}; it has ${file.schema.kinds.join(", ")}, and the candidates need ${needs.join(", ")}.`,
    { file: file.name, asked: missing, kinds: file.schema.kinds },
  );
}
