import { estimateSeconds } from "../pipeline/measure-rates.js";
import { estimatePeakMemory } from "../pipeline/memory-limit.js";
import { type QuantizationPlan, refuseNothingToDo } from "../pipeline/plan.js";
import type { ProgressListener } from "../pipeline/progress.js";
import { makeReport, type QuantizationReport } from "../pipeline/report.js";
import { type BackendModule, loadBackend } from "./backend-module.js";
import { makeFingerprint, settingsText } from "./fingerprint.js";
import { lowbitVersion } from "./lowbit-version.js";
import { checkOutputPaths } from "./partial-output.js";
import { prepareQuantization, type QuantizationSettings } from "./prepare-quantization.js";
import { quantizationConfig } from "./quantization-config.js";
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
    refuseNothingToDo(plan);
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
        settings: settingsText(options.plan),
        decisions: plan.tensors.map(({ tensor, quantization }) => [
          tensor.name,
          quantization?.method,
          quantization?.options,
        ]),
        files: output.files,
      }),
      writeExtras: async (directory) => {
        if (sideFiles) await writeSideFiles(sideFiles, directory, quantizationConfig(plan, sideFiles.config));
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
