import { rm } from "node:fs/promises";
import { join } from "node:path";
import { measuredMean, readEvaluation, readQuantization } from "./command-results.js";
import type { QualityRow } from "./quality-row.js";
import { runChild } from "./run-child.js";
import { type Setting, settingArguments } from "./setting.js";

/** A model with all that its rows share. */
export interface ModelBench {
  /** Its path. */
  readonly model: string;
  /** Folder for what is removed at the end. */
  readonly directory: string;
  /** Files. */
  readonly evaluationText: string;
  readonly statistics: string;
  readonly context: number;
  readonly windows: number;
  /** `--threads` and `--backend` of all commands. */
  readonly machineArguments: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Quantizes a model in one process and evaluates it in another. What goes wrong makes a failed row.
 * @throws `pipeline/aborted`
 */
export async function measureSetting(
  bench: ModelBench,
  setting: Setting,
  needsStatistics: boolean,
): Promise<QualityRow> {
  const output = join(bench.directory, "quantized");
  const given = settingArguments(setting);
  const { machineArguments, signal } = bench;
  try {
    const statistics = needsStatistics ? ["--statistics", bench.statistics] : [];
    // What is measured for one target serves the next.
    const kept = "targetBitsPerWeight" in setting ? ["--measured", join(bench.directory, "measured.json")] : [];
    const made = await runChild(
      ["quantize", bench.model, output, ...given, ...statistics, ...kept, ...machineArguments],
      signal,
    );
    if (made.status === "failed") return { name: setting.name, arguments: given, ...made };
    const evaluated = await runChild(
      [...evaluateArguments(bench, output), "--against", bench.model, "--per-layer"],
      signal,
    );
    if (evaluated.status === "failed") return { name: setting.name, arguments: given, ...evaluated };
    const { totals, seconds } = readQuantization(made.json);
    const { evaluation, against, layers } = readEvaluation(evaluated.json);
    // The head comes last and is kept.
    const errors = layers!.layers.slice(0, -1).map(({ relativeError }) => relativeError);
    return {
      name: setting.name,
      arguments: given,
      status: "done",
      claimedBitsPerWeight: totals.claimedBitsPerWeight,
      storedBitsPerWeight: totals.storedBitsPerWeight,
      modelBitsPerWeight: totals.modelBitsPerWeight,
      layerError: errors.reduce((sum, error) => sum + error, 0) / errors.length,
      perplexity: measuredMean(evaluation.perplexity),
      divergence: measuredMean(against!.comparison.divergence),
      quantizeSeconds: seconds,
      peakMemoryBytes: made.peakMemoryBytes,
    };
  } finally {
    for (const leftover of ["", ".partial", ".target"])
      await rm(`${output}${leftover}`, { recursive: true, force: true });
  }
}

/** `lowbit evaluate` of a model, or of what was made of it. */
export function evaluateArguments(
  { evaluationText, context, windows, machineArguments }: ModelBench,
  path: string,
): string[] {
  const protocol = ["--context", String(context), "--max-windows", String(windows)];
  return ["evaluate", path, "--text", evaluationText, ...protocol, ...machineArguments];
}
