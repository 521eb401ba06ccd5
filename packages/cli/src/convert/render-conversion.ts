import type { ConversionForecast, ConversionReport, ConvertedWeight, ForecastWeight } from "@lowbit/core/node";
import type { ErrorFigures } from "@lowbit/core/pipeline";
import {
  formatBytes,
  formatCount,
  formatNumber,
  formatSeconds,
  formatShape,
  formatSignificant,
} from "../output/quantities.js";
import { paint } from "../output/style.js";
import { type Column, renderTable, right } from "../output/table.js";

const COLUMNS: readonly Column[] = [
  { title: "weight" },
  right("shape", 3),
  { title: "from" },
  { title: "to" },
  right("before", 2),
  right("after", 1),
  { title: "values" },
];
const ERROR_COLUMNS: readonly Column[] = [right("added error"), right("max error", 4)];

export function renderConversion(report: ConversionReport): string {
  const { weights, output, target, inputBytes, outputBytes, seconds, threads, backend, notes } = report;
  const changed = weights.filter(({ outcome }) => outcome !== "kept");
  const hasErrors = weights.some((weight) => weight.error !== undefined);
  const columns = hasErrors ? [...COLUMNS, ...ERROR_COLUMNS] : COLUMNS;
  const rows = changed.map((weight) => [...cells(weight), ...(hasErrors ? errorCells(weight.error) : [])]);
  return [
    ...(changed.length > 0 ? [renderTable(columns, rows)] : []),
    ...(changed.length < weights.length ? [keptLine(weights)] : []),
    ...notes,
    `${paint("bold", verdict(report))}.`,
    `${paint("green", "Wrote")} ${output} as ${target}: ${formatBytes(inputBytes)} → ${formatBytes(outputBytes)}, ${bitsPerWeight(weights)}, in ${formatSeconds(seconds)}: ${backend}, ${threads} ${threads === 1 ? "thread" : "threads"}.`,
  ].join("\n\n");
}

/** One sentence on what became of the values, for every run. */
export function verdict({ weights, error }: Pick<ConversionReport, "weights" | "error">): string {
  const count = (outcome: string): number => weights.filter((weight) => weight.outcome === outcome).length;
  const requantized = count("requantized");
  const rounded = count("rounded");
  if (requantized === 0 && rounded === 0) return "Exact: every weight has the same values to the bit";
  const figures =
    error === undefined
      ? ""
      : `; added relative error ${formatSignificant(error.relativeError)} (${formatNumber(error.sqnrDb, 2)} dB)`;
  if (requantized > 0) {
    return `Requantized: ${requantized} of ${weights.length} tensors have other codes${rounded > 0 ? `, ${rounded} were rounded` : ""}${figures}`;
  }
  const what = [...new Set(weights.flatMap((weight) => (weight.rounded === undefined ? [] : [weight.rounded])))];
  return `Exact up to ${what.join("; ")}${figures}`;
}

export function renderConversionForecast(forecast: ConversionForecast): string {
  const { weights, files, notes, inputBytes, outputBytes, target } = forecast;
  const changed = weights.filter(({ outcome }) => outcome !== "kept");
  const refused = weights.filter(({ outcome }) => outcome === "refused");
  const outputs = files.map(({ name, byteLength }) => `${name} (${formatBytes(byteLength)})`).join(", ");
  return [
    ...(changed.length > 0 ? [renderTable(COLUMNS, changed.map(cells))] : []),
    ...(changed.length < weights.length ? [keptLine(weights)] : []),
    ...notes,
    ...(refused.length > 0
      ? [`${target} cannot hold ${refused.length} weights as they are; they need --allow-requantize.`]
      : []),
    `Would write ${outputs}: ${formatBytes(inputBytes)} → ${formatBytes(outputBytes)}, ${bitsPerWeight(weights)}.`,
  ].join("\n\n");
}

function cells(weight: ConvertedWeight | ForecastWeight): string[] {
  const { name, shape, from, to, inputBytes, outputBytes } = weight;
  return [name, formatShape(shape), from, to, formatBytes(inputBytes), formatBytes(outputBytes), outcomeText(weight)];
}

function outcomeText(weight: ConvertedWeight | ForecastWeight): string {
  if (weight.outcome === "refused") return paint("yellow", `does not fit: ${weight.reason}`);
  if (weight.outcome === "rounded") return `exact up to ${weight.rounded}`;
  return weight.outcome;
}

function errorCells(error: ErrorFigures | undefined): string[] {
  if (error === undefined) return ["", ""];
  return [formatSignificant(error.relativeError), formatSignificant(error.maxError)];
}

function keptLine(weights: readonly Pick<ForecastWeight, "outcome" | "outputBytes">[]): string {
  const kept = weights.filter(({ outcome }) => outcome === "kept");
  const bytes = kept.reduce((sum, { outputBytes }) => sum + outputBytes, 0);
  return `${kept.length} ${kept.length === 1 ? "tensor stays" : "tensors stay"} as stored (${formatBytes(bytes)}).`;
}

function bitsPerWeight(weights: readonly Pick<ForecastWeight, "shape" | "outputBytes">[]): string {
  const count = weights.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
  const bytes = weights.reduce((sum, { outputBytes }) => sum + outputBytes, 0);
  return `${formatNumber(count === 0 ? 0 : (8 * bytes) / count, 3)} bits per weight (${formatCount(count)} weights)`;
}
