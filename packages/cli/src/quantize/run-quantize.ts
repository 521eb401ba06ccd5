import type { BackendName } from "@lowbit/core/backend";
import { forecastQuantization, type QuantizationForecast, quantizeCheckpoint } from "@lowbit/core/node";
import type { ProgressListener, QuantizationReport } from "@lowbit/core/pipeline";
import { QUANTIZERS } from "@lowbit/core/quantizers";
import { backendModule } from "../backend-choice.js";
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
  readonly backend?: BackendName;
  readonly threads: number;
  readonly maxMemoryBytes?: number;
  readonly maxShardBytes?: number;
  readonly keepSplit?: boolean;
  readonly resume?: boolean;
  readonly force?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressListener;
}

/** What `--dry-run` prints. */
export async function forecastQuantize(request: QuantizeRequest): Promise<QuantizationForecast> {
  return forecastQuantization(await checkpointOptions(request));
}

export async function runQuantize(request: QuantizeRequest): Promise<QuantizationReport> {
  return quantizeCheckpoint(await checkpointOptions(request));
}

async function checkpointOptions(request: QuantizeRequest) {
  const { method, options, recipe, overrides = [], skips = [], backend, ...rest } = request;
  const rules: RuleText[] = [
    ...(recipe === undefined ? [] : await readRecipe(recipe)),
    ...overrides.map(parseOverride),
    ...skips.map(skipRule),
  ];
  return {
    ...rest,
    plan: { method, options, rules: rules.map(toTensorRule) },
    quantizers: QUANTIZERS,
    backend: backendModule(backend),
  };
}
