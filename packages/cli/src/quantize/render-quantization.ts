import type { QuantizationForecast } from "@lowbit/core/node";
import type { ErrorFigures, PlannedTensor, PlanTotals, QuantizationReport } from "@lowbit/core/pipeline";
import type { ModelForecast } from "@lowbit/lm/node";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
  formatSeconds,
  formatShape,
  formatSignificant,
} from "../output/quantities.js";
import { paint } from "../output/style.js";
import { type Column, renderTable, right } from "../output/table.js";

const PLAN_COLUMNS: readonly Column[] = [
  { title: "tensor" },
  right("shape"),
  { title: "method" },
  right("claimed bpw"),
  right("stored bpw"),
  right("before", 2),
  right("after", 1),
];
const ERROR_COLUMNS: readonly Column[] = [right("SQNR dB"), right("rel. error"), right("max error", 4)];
const OUTPUT_ERROR_COLUMN: Column = right("output error");
const TIME_COLUMN: Column = right("time", 3);

/** The dry run: the same table as the run, without errors and times, and what the run will take. */
export function renderForecast({ plan, files, threads, peakMemoryBytes, seconds }: QuantizationForecast): string {
  const quantized = plan.tensors.filter(({ action }) => action === "quantize");
  const table = renderTable(PLAN_COLUMNS, quantized.map(plannedCells), totalCells(plan.totals, quantized));
  const outputs = files.map(({ name, byteLength }) => `${name} (${formatBytes(byteLength)})`).join(", ");
  return [
    table,
    keptLines(plan.tensors),
    totalLine(plan.totals),
    `Would write ${outputs}.`,
    `Estimated: ${formatDuration(seconds)} on ${threads} ${threads === 1 ? "thread" : "threads"}, ${formatBytes(peakMemoryBytes)} of memory.`,
  ].join("\n\n");
}

/** The same of a run through the model: what it needs and how it goes. */
export function renderModelForecast(forecast: ModelForecast): string {
  const { plan, needs, blockCount, layerCount, protocol, samples, memory, walk } = forecast;
  const quantized = plan.tensors.filter(({ action }) => action === "quantize");
  const table = renderTable(PLAN_COLUMNS, quantized.map(plannedCells), totalCells(plan.totals, quantized));
  const disk = memory.activationsOnDisk ? `, ${formatBytes(memory.activationBytes)} of activations on disk` : "";
  return [
    table,
    keptLines(plan.tensors),
    totalLine(plan.totals),
    [
      `${layerCount} layers of ${blockCount} blocks, one block at a time. Statistics that the methods need: ${needs.length === 0 ? "none" : needs.join(", ")}.`,
      ...(samples === undefined ? [] : [`Samples: ${samples.origin}; protocol ${protocol}.`]),
      ...(walk === undefined
        ? []
        : [
            `All samples run through every block ${walk.passes === 1 ? "once" : `${walk.passes} times`}; that alone takes about ${formatDuration(walk.seconds)}.`,
          ]),
      `Estimated: ${formatBytes(memory.peakMemory)} of memory${disk}.`,
    ].join("\n"),
  ].join("\n\n");
}

export function renderReport(report: QuantizationReport): string {
  const { output, tensors, totals, error, outputError, seconds, threads, backend } = report;
  const quantized = tensors.filter(({ planned }) => planned.action === "quantize");
  const outputCells = (value: number | undefined): string[] =>
    outputError === undefined ? [] : [value === undefined ? "" : formatSignificant(value)];
  const rows = quantized.map((tensor) => [
    ...plannedCells(tensor.planned),
    ...errorCells(tensor.error),
    ...outputCells(tensor.outputError),
    tensor.resumed ? "earlier" : formatDuration(tensor.seconds),
  ]);
  const sum = totalCells(
    totals,
    quantized.map(({ planned }) => planned),
  );
  const footer = [...sum, ...errorCells(error), ...outputCells(outputError), formatDuration(seconds)];
  const columns = [
    ...PLAN_COLUMNS,
    ...ERROR_COLUMNS,
    ...(outputError === undefined ? [] : [OUTPUT_ERROR_COLUMN]),
    TIME_COLUMN,
  ];
  return [
    renderTable(columns, rows, footer),
    keptLines(tensors.map(({ planned }) => planned)),
    totalLine(totals),
    `${paint("green", "Wrote")} ${output} in ${formatSeconds(seconds)}: ${backend}, ${threads} ${threads === 1 ? "thread" : "threads"}${seconds < 1 ? "" : `, ${formatBytes(totals.inputBytes / seconds)}/s`}.`,
  ].join("\n\n");
}

function plannedCells({ tensor, quantization, inputBytes, outputBytes }: PlannedTensor): string[] {
  const { method, claimedBitsPerWeight, storedBitsPerWeight } = quantization!;
  return [
    tensor.name,
    formatShape(tensor.shape),
    method,
    formatNumber(claimedBitsPerWeight, 3),
    formatNumber(storedBitsPerWeight, 3),
    formatBytes(inputBytes),
    formatBytes(outputBytes),
  ];
}

/** Of the quantized tensors together; the whole model has a line of its own. */
function totalCells(totals: PlanTotals, quantized: readonly PlannedTensor[]): string[] {
  const bytes = (figure: "inputBytes" | "outputBytes") => quantized.reduce((sum, planned) => sum + planned[figure], 0);
  return [
    `${totals.quantizedTensors} quantized ${totals.quantizedTensors === 1 ? "tensor" : "tensors"}`,
    formatCount(totals.quantizedWeights),
    "",
    formatNumber(totals.claimedBitsPerWeight, 3),
    formatNumber(totals.quantizedBitsPerWeight, 3),
    formatBytes(bytes("inputBytes")),
    formatBytes(bytes("outputBytes")),
  ];
}

function errorCells(error: ErrorFigures | undefined): string[] {
  if (!error) return ["", "", ""];
  return [formatNumber(error.sqnrDb, 2), formatSignificant(error.relativeError), formatSignificant(error.maxError)];
}

/** Kept tensors by reason: count, size and the first names. */
function keptLines(tensors: readonly PlannedTensor[]): string {
  const kept = Map.groupBy(
    tensors.filter(({ action }) => action === "keep"),
    ({ reason }) => reason,
  );
  if (kept.size === 0) return "No tensor is kept as it is.";
  const lines = [...kept].map(([reason, members]) => {
    const bytes = members.reduce((sum, { outputBytes }) => sum + outputBytes, 0);
    const [first] = members;
    const names = members.length === 1 ? first!.tensor.name : `${first!.tensor.name}, …`;
    return [String(members.length), formatBytes(bytes), reason, paint("dim", names)];
  });
  return renderTable([right("kept"), right("bytes"), { title: "reason" }, { title: "tensors" }], lines);
}

function totalLine({ inputBytes, outputBytes, bitsPerWeight, weights }: PlanTotals): string {
  return `Whole model: ${formatCount(weights)} weights, ${formatBytes(inputBytes)} → ${formatBytes(outputBytes)}, ${paint("bold", `${formatNumber(bitsPerWeight, 3)} bits per weight`)}.`;
}
