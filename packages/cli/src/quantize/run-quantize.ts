import type { BackendName } from "@lowbit/core/backend";
import {
  forecastQuantization,
  type QuantizationForecast,
  type QuantizeOptions,
  quantizeCheckpoint,
} from "@lowbit/core/node";
import type { PlanSettings, QuantizationReport } from "@lowbit/core/pipeline";
import { CALIBRATED_QUANTIZERS, QUANTIZERS } from "@lowbit/core/quantizers";
import type { CalibrationProtocol } from "@lowbit/lm";
import type { ModelForecast } from "@lowbit/lm/node";
import { backendModule } from "../backend-choice.js";
import type { FileOrigin } from "../calibrate/calibration-samples.js";
import type { ProgressState } from "../output/progress.js";
import type { TransformChoice } from "../transform/rotation-option.js";
import { readRecipe } from "./recipe.js";
import { parseOverride, type RuleText, skipRule, toTensorRule } from "./rule-text.js";

/** `lowbit quantize` without its command line. */
export interface QuantizeRequest {
  readonly input: string;
  readonly output: string;
  readonly method: string;
  /** Of the default method, as given. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Path of a recipe file. */
  readonly recipe?: string;
  /** In the form of `parseOverride`; they win over the recipe. */
  readonly overrides?: readonly string[];
  /** Globs of tensors that stay; they win over everything. */
  readonly skips?: readonly string[];
  /** Of methods that need them; where none does, errors of layer outputs are measured with them. */
  readonly statistics?: StatisticsRequest;
  /** Rotations and scales that come before every method. */
  readonly transforms?: TransformChoice;
  readonly backend?: BackendName;
  readonly threads: number;
  readonly maxMemoryBytes?: number;
  readonly maxShardBytes?: number;
  readonly keepSplit?: boolean;
  readonly resume?: boolean;
  readonly force?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (state: ProgressState) => void;
}

/** Where statistics of layers come from. */
export type StatisticsRequest =
  | { readonly kind: "file"; readonly path: string }
  | {
      readonly kind: "calibration";
      readonly origin: FileOrigin;
      readonly samples: number;
      /** Absent: 512, or the model's context where that is shorter. */
      readonly sampleLength?: number;
      readonly seed: number;
      readonly protocol: CalibrationProtocol;
    };

/** A plan with what it will take; `model` where it goes through the model. */
export type QuantizeForecast =
  | { readonly kind: "checkpoint"; readonly forecast: QuantizationForecast }
  | { readonly kind: "model"; readonly forecast: ModelForecast };

/** What `--dry-run` prints. */
export async function forecastQuantize(request: QuantizeRequest): Promise<QuantizeForecast> {
  const { plan, ...rest } = await withPlan(request);
  if (!needsModel(request, plan)) {
    return { kind: "checkpoint", forecast: await forecastQuantization(checkpointOptions(rest, plan)) };
  }
  const { forecastModelQuantize } = await import("./run-model-quantize.js");
  return { kind: "model", forecast: await forecastModelQuantize(request, plan) };
}

/**
 * Quantizes a checkpoint as a stream of tensors where every method is data-free, else as a language model, block by block.
 */
export async function runQuantize(request: QuantizeRequest): Promise<QuantizationReport> {
  const { plan, ...rest } = await withPlan(request);
  if (!needsModel(request, plan)) return quantizeCheckpoint(checkpointOptions(rest, plan));
  const { runModelQuantize } = await import("./run-model-quantize.js");
  return runModelQuantize(request, plan);
}

/** Whether the work needs more than tensors by their names: layers, their order, their inputs. */
function needsModel({ statistics, transforms }: QuantizeRequest, { method, rules }: PlanSettings): boolean {
  const methods = [method, ...rules.flatMap(({ action }) => (action.kind === "quantize" ? [action.method] : []))];
  const isOfModel = statistics !== undefined || transforms !== undefined;
  return isOfModel || methods.some((name) => Object.hasOwn(CALIBRATED_QUANTIZERS, name));
}

async function withPlan(request: QuantizeRequest) {
  const { method, options, recipe, overrides = [], skips = [], ...rest } = request;
  const rules: RuleText[] = [
    ...(recipe === undefined ? [] : await readRecipe(recipe)),
    ...overrides.map(parseOverride),
    ...skips.map(skipRule),
  ];
  return { ...rest, plan: { method, options, rules: rules.map(toTensorRule) } };
}

function checkpointOptions(
  { backend, onProgress, ...rest }: Omit<Awaited<ReturnType<typeof withPlan>>, "plan">,
  plan: PlanSettings,
): QuantizeOptions {
  return {
    ...rest,
    plan,
    quantizers: QUANTIZERS,
    backend: backendModule(backend),
    onProgress: ({ tensor, doneBytes, totalBytes }) =>
      onProgress?.({ label: tensor, done: doneBytes, total: totalBytes }),
  };
}
