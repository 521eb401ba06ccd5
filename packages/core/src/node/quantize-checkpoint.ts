import { LowbitError } from "../errors/index.js";
import { lowbitQuantizationConfig } from "../layouts/lowbit/quantization-config.js";
import { estimateSeconds } from "../pipeline/measure-rates.js";
import { estimatePeakMemory } from "../pipeline/memory-limit.js";
import type { QuantizationPlan } from "../pipeline/plan.js";
import type { ProgressListener } from "../pipeline/progress.js";
import { makeReport, type QuantizationReport } from "../pipeline/report.js";
import type { Provenance } from "../terms/quantized-weight.js";
import { type BackendModule, loadBackend } from "./backend-module.js";
import { makeFingerprint } from "./fingerprint.js";
import { jsonMember } from "./json-member.js";
import { lowbitVersion } from "./lowbit-version.js";
import { checkOutputPaths } from "./partial-output.js";
import { type PreparedQuantization, prepareQuantization, type QuantizationSettings } from "./prepare-quantization.js";
import { runToOutput } from "./run-to-output.js";
import { writeSideFiles } from "./side-files.js";

export interface QuantizeOptions extends QuantizationSettings {
  readonly backend: BackendModule;
  /** Go on with the unfinished output of an earlier run. */
  readonly resume?: boolean;
  /** Replace an existing output, at the end. */
  readonly force?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressListener;
}

/** What a run would do and take. */
export interface QuantizationForecast {
  readonly plan: QuantizationPlan;
  readonly files: readonly { readonly name: string; readonly byteLength: number }[];
  readonly threads: number;
  /** Estimated. */
  readonly peakMemoryBytes: number;
  /** Estimated from a small measurement on this machine. */
  readonly seconds: number;
}

/** The dry run: reads headers only, writes nothing. */
export async function forecastQuantization(
  options: QuantizationSettings & { readonly backend: BackendModule },
): Promise<QuantizationForecast> {
  const { checkpoint, plan, output, sizes, threads } = await prepareQuantization(options);
  await checkpoint.close();
  const backend = await loadBackend(options.backend);
  try {
    return {
      plan,
      files: output.files.map(({ name, byteLength }) => ({ name, byteLength })),
      threads,
      peakMemoryBytes: estimatePeakMemory(sizes, threads),
      seconds: estimateSeconds(plan, options.quantizers, backend, threads),
    };
  } finally {
    backend.close();
  }
}

/**
 * Quantizes a checkpoint file by file, in bounded memory. The output appears at its path when it is complete; before
 * that it grows in `OUTPUT.partial`, from which `resume` goes on.
 * @throws `pipeline/…`, `options/…`, and what reading the input throws
 */
export async function quantizeCheckpoint(options: QuantizeOptions): Promise<QuantizationReport> {
  const started = performance.now();
  await checkOutputPaths({ output: options.output, resume: options.resume ?? false, force: options.force ?? false });
  const prepared = await prepareQuantization(options);
  const { checkpoint, plan, output, sizes, threads, sideFiles } = prepared;
  try {
    if (plan.totals.quantizedTensors === 0) {
      throw new LowbitError("pipeline/nothing-to-do", `All ${plan.totals.tensors} tensors would be kept.`, {
        tensors: plan.totals.tensors,
      });
    }
    const ran = await runToOutput({
      phase: "quantize",
      setup: { tasks: output.tasks, sizes, input: options.input, backend: options.backend },
      names: plan.tensors.map(({ tensor }) => tensor.name),
      inputBytes: plan.tensors.map(({ inputBytes }) => inputBytes),
      files: output.files,
      fingerprint: await makeFingerprint({
        lowbitVersion: lowbitVersion(),
        input: options.input,
        checkpoint,
        settings: settingsText(options),
        decisions: plan.tensors.map(({ tensor, quantization }) => [
          tensor.name,
          quantization?.method,
          quantization?.options,
        ]),
        files: output.files,
      }),
      writeExtras: async (directory) => {
        if (sideFiles) await writeSideFiles(sideFiles, directory, quantizationConfig(prepared));
      },
      threads,
      run: options,
    });
    const seconds = (performance.now() - started) / 1000;
    return makeReport(plan, ran.finished, { output: options.output, seconds, threads, backend: ran.backend });
  } finally {
    await checkpoint.close();
  }
}

/** For the message when another run does not fit: the default method and where the exceptions come from. */
function settingsText({ plan }: QuantizationSettings): string {
  return [`${plan.method} ${JSON.stringify(plan.options)}`, ...plan.rules.map(({ origin }) => origin)].join(", ");
}

/** Of most weights: method and options that hold the largest share. */
function quantizationConfig({ plan, sideFiles }: PreparedQuantization): object {
  const shares = new Map<string, number>();
  for (const { quantization, weights } of plan.tensors) {
    if (!quantization) continue;
    const key = JSON.stringify([quantization.method, quantization.options]);
    shares.set(key, (shares.get(key) ?? 0) + weights);
  }
  const [largest] = [...shares].sort(([, left], [, right]) => right - left);
  const [method, options] = JSON.parse(largest![0]) as [string, Provenance["options"]];
  return lowbitQuantizationConfig({
    method,
    options,
    lowbitVersion: lowbitVersion(),
    bitsPerWeight: plan.totals.quantizedBitsPerWeight,
    replaced: replacedEntry(sideFiles?.config),
  });
}

/** The `quantization_config` of the original, before any run of lowbit. */
function replacedEntry(config: string | undefined): object | undefined {
  const entry = config === undefined ? undefined : jsonMember(config, "quantization_config");
  if (typeof entry !== "object" || entry === null) return undefined;
  const { quant_method: method, replaced } = entry as { readonly quant_method?: unknown; readonly replaced?: object };
  return method === "lowbit" ? replaced : entry;
}
