import type { CalibrationPlan, PhasePlan } from "@lowbit/lm";
import { printable } from "../output/printable.js";
import { formatBytes, formatDuration } from "../output/quantities.js";
import { renderTable } from "../output/table.js";
import type { CalibrateAnswer, CalibrateForecast, CalibrateRequest } from "./run-calibrate.js";

/** What `--dry-run` prints. */
export function renderForecast(forecast: CalibrateForecast, request: CalibrateRequest): string {
  const { samples, length, set, architecture, layerCount, maxMemory, plan } = forecast;
  return [
    `${printable(request.model)}: ${architecture}, ${layerCount} linear layers`,
    `samples: ${set?.origin ?? `${samples} of ${length} tokens, to be written by the model, seed ${request.seed}`}`,
    `statistics: ${request.kinds.join(", ")} in ${request.dtype}, of the model as it is`,
    "",
    renderPhases(plan),
    "",
    `file: ${printable(request.output)}, ${formatBytes(plan.fileBytes)}`,
    `peak memory: about ${formatBytes(plan.peakMemory)} of ${formatBytes(maxMemory)}`,
    ...diskUse(plan),
  ].join("\n");
}

function renderPhases({ inputs, gradients }: CalibrationPlan): string {
  const row = (name: string, { weights, workspace, statistics, activations, total }: PhasePlan): string[] => [
    name,
    ...[weights, workspace, statistics, activations, total].map(formatBytes),
  ];
  const columns = ["phase", "weights", "workspace", "statistics", "activations", "in memory"];
  return renderTable(
    columns.map((title, index) => ({ title, align: index === 0 ? "left" : "right" })),
    [
      ...(inputs === undefined ? [] : [row("inputs", inputs)]),
      ...(gradients === undefined ? [] : [row("gradients", gradients)]),
    ],
  );
}

function diskUse({ inputs, gradients }: CalibrationPlan): string[] {
  return [
    ...(inputs?.activationsOnDisk
      ? [`activations do not fit: ${formatBytes(inputs.activations)} in the temporary folder while it runs`]
      : []),
    ...(gradients?.statisticsOnDisk ? ["sums of gradients do not fit: they are kept in the output file"] : []),
  ];
}

/** What was done. */
export function renderAnswer(answer: CalibrateAnswer, { output, kinds, dtype }: CalibrateRequest): string {
  const { set, layerCount, byteLength, seconds, modelFingerprint, backend } = answer;
  return [
    `samples: ${set.origin}`,
    `statistics: ${kinds.join(", ")} of ${layerCount} linear layers in ${dtype}, of the model as it is`,
    `model ${modelFingerprint.slice(0, 12)}, samples ${set.fingerprint.slice(0, 12)}`,
    `${printable(output)}: ${formatBytes(byteLength)} in ${formatDuration(seconds)} (${backend.name}, ${backend.isa}, ${backend.threads} threads)`,
  ].join("\n");
}
