import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KernelBackend } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { checkOutputPaths, isResumable } from "@lowbit/core/node";
import type { QuantizationReport } from "@lowbit/core/pipeline";
import { compareModels, type Estimate, type LanguageModel, type ModelSource, type TargetPlan } from "@lowbit/lm";
import { loadModel, type PlannedTarget, planByTarget, quantizeModel } from "@lowbit/lm/node";
import { type HeldOutTokens, targetData } from "./held-out-tokens.js";
import { readCandidates } from "./read-candidates.js";
import { parseOverride, skipRule, toTensorRule } from "./rule-text.js";
import { memoryLimit, settings, withModel } from "./run-model-quantize.js";
import type { QuantizeRequest } from "./run-quantize.js";

/** `lowbit quantize --target-bpw` without its command line. */
export interface TargetRequest extends Omit<QuantizeRequest, "method" | "options" | "recipe"> {
  readonly targetBitsPerWeight: number;
  /** Path of a list of candidates. */
  readonly candidates?: string;
  /** Path of a text to measure the loss increase on. */
  readonly heldOut?: string;
  /** Path of a file that keeps what is measured. */
  readonly measuredPath?: string;
}

export interface TargetReport {
  readonly target: TargetPlan;
  readonly report: QuantizationReport;
  /** Absent where there is no text to measure on. */
  readonly measured?: MeasuredIncrease;
}

/** How much the loss of the quantized model is above the original's. */
export interface MeasuredIncrease {
  /** Nats a token, paired over windows. */
  readonly lossIncrease: Estimate;
  readonly perplexity: number;
  readonly originalPerplexity: number;
  readonly tokens: number;
  readonly origin: string;
}

/** Windows that the loss is measured on, at most, and their tokens. */
const [HELD_OUT_WINDOWS, HELD_OUT_CONTEXT] = [64, 512];

/** What `--dry-run` prints. What is measured lies in the system's temporary folder meanwhile. */
export async function forecastTargetQuantize(request: TargetRequest): Promise<TargetPlan> {
  const folder = await mkdtemp(join(tmpdir(), "lowbit-forecast-"));
  const elsewhere = { ...request, output: join(folder, "output") };
  const forecast = async (source: ModelSource, backend: KernelBackend): Promise<TargetPlan> =>
    (await plan(elsewhere, source, backend)).planned.target;
  try {
    return await withModel(asQuantizeRequest(request), forecast, join(folder, "rotated"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Measures candidates, chooses for every layer, quantizes, and measures the loss where there is a text. */
export async function runTargetQuantize(request: TargetRequest): Promise<TargetReport> {
  const { output, resume = false, force = false, signal, onProgress } = request;
  await checkOutputPaths({ output, resume, force });
  return withModel(asQuantizeRequest(request), async (source, backend) => {
    const { planned, data } = await plan(request, source, backend);
    const run = quantizeModel(source, backend, {
      ...settings(asQuantizeRequest(request), planned.settings, data.statistics),
      maxMemory: memoryLimit(asQuantizeRequest(request)),
      resume,
      force,
      ...(signal !== undefined && { signal }),
      onProgress: ({ phase: _, ...state }) => onProgress?.(state),
    });
    const report = await run.catch(async (error: unknown) => {
      if (!isResumable(error)) await planned.finish();
      throw error;
    });
    await planned.finish();
    const measured = data.heldOut && (await measureIncrease(source, backend, request, data.heldOut));
    return { target: planned.target, report, ...(measured !== undefined && { measured }) };
  });
}

async function plan(request: TargetRequest, source: ModelSource, backend: KernelBackend) {
  const { output, overrides = [], skips = [], statistics, candidates, heldOut, targetBitsPerWeight } = request;
  if (statistics === undefined) {
    throw new LowbitError(
      "options/command-line",
      "--target-bpw measures candidates on statistics: give --calibrate TEXT or --statistics FILE.",
      { missing: "--calibrate" },
    );
  }
  const rules = [...overrides.map(parseOverride), ...skips.map(skipRule)].map(toTensorRule);
  const list = candidates === undefined ? undefined : await readCandidates(candidates);
  const data = await targetData(statistics, heldOut, source);
  const { resume = false, measuredPath, signal, onProgress } = request;
  const planned: PlannedTarget = await planByTarget(source, backend, {
    targetBitsPerWeight,
    ...(list !== undefined && { candidates: list }),
    output,
    rules,
    statistics: data.statistics,
    resume,
    ...(measuredPath !== undefined && { measuredPath }),
    maxMemory: memoryLimit(asQuantizeRequest(request)),
    ...(signal !== undefined && { signal }),
    onProgress: ({ phase, label, ...counts }) => onProgress?.({ label: `${phase}: ${label}`, ...counts }),
  });
  return { planned, data };
}

async function measureIncrease(
  source: ModelSource,
  backend: KernelBackend,
  { output, signal, onProgress }: TargetRequest,
  { ids, beginToken, origin }: HeldOutTokens,
): Promise<MeasuredIncrease> {
  const models: LanguageModel[] = [];
  try {
    models.push(await loadModel(output, backend));
    models.push(await source.load());
    const { original, model, nllDifference } = await compareModels(models[0]!, models[1]!, backend, ids, {
      context: Math.min(HELD_OUT_CONTEXT, source.config.contextLength),
      maxWindows: HELD_OUT_WINDOWS,
      ...(beginToken !== undefined && { beginToken }),
      ...(signal !== undefined && { signal }),
      onProgress: ({ doneTokens, totalTokens }) =>
        onProgress?.({ label: "loss of the result", done: doneTokens, total: totalTokens, unit: "tokens" }),
    });
    return {
      lossIncrease: nllDifference,
      perplexity: model.perplexity.mean,
      originalPerplexity: original.perplexity.mean,
      tokens: model.protocol.scoredTokens,
      origin,
    };
  } finally {
    for (const model of models) model.close();
  }
}

/** The plan's method and rules come from the target. */
function asQuantizeRequest(request: TargetRequest): QuantizeRequest {
  return { ...request, method: "", options: {} };
}
