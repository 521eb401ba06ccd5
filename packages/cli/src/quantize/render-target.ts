import type { ChosenLayer, TargetPlan } from "@lowbit/lm";
import { formatCount, formatNumber, formatSignificant } from "../output/quantities.js";
import { paint } from "../output/style.js";
import { renderTable, right } from "../output/table.js";
import { renderReport } from "./render-quantization.js";
import type { MeasuredIncrease, TargetReport } from "./run-target-quantize.js";

/** Characters of the longest bar. */
const BAR = 40;

/** The plan: what every layer gets, how the bits are spread, and what it is predicted to cost. */
export function renderTargetPlan(plan: TargetPlan): string {
  const { layers, assignment, failures } = plan;
  const costs = plan.unit === "loss" ? "loss +, nats" : "rel. output error";
  const rows = layers.map(({ name, candidate, bits, weights, cost, outputError }) => [
    name,
    candidate.label,
    formatNumber(bits / weights, 3),
    formatSignificant(outputError),
    formatSignificant(cost),
  ]);
  const weights = layers.reduce((sum, layer) => sum + layer.weights, 0);
  const total = [
    `${layers.length} layers, ${formatCount(weights)} weights`,
    "",
    formatNumber(assignment.bitsPerWeight, 3),
    "",
    formatSignificant(assignment.cost),
  ];
  const columns = [{ title: "layer" }, { title: "chosen" }, right("stored bpw"), right("output error"), right(costs)];
  return [
    renderTable(columns, rows, total),
    renderHistogram(layers),
    predictedLine(plan),
    ...failures.map(
      ({ label, layers: count, code, message }) =>
        `${paint("yellow", "not usable")} for ${count} ${count === 1 ? "layer" : "layers"}: ${label} [${code}] ${message}`,
    ),
  ].join("\n\n");
}

/** The plan, the report of the run, and what the loss has become. */
export function renderTargetReport({ target, report, measured }: TargetReport): string {
  return [renderTargetPlan(target), renderReport(report), measuredLine(target, measured)].join("\n\n");
}

/** Weights by bits, half a bit a bar. */
function renderHistogram(layers: readonly ChosenLayer[]): string {
  const bars = new Map<number, number>();
  for (const { bits, weights } of layers) {
    const bin = Math.floor((bits / weights) * 2) / 2;
    bars.set(bin, (bars.get(bin) ?? 0) + weights);
  }
  const most = Math.max(...bars.values());
  const rows = [...bars]
    .toSorted(([a], [b]) => a - b)
    .map(([bin, weights]) => [
      `${bin}–${bin + 0.5}`,
      formatCount(weights),
      "█".repeat(Math.max(1, Math.round((weights / most) * BAR))),
    ]);
  return renderTable([right("stored bpw"), right("weights"), { title: "" }], rows);
}

function predictedLine({ targetBitsPerWeight, assignment, unit }: TargetPlan): string {
  const { bitsPerWeight, cost, lowerBound } = assignment;
  const below = ((targetBitsPerWeight - bitsPerWeight) / targetBitsPerWeight) * 100;
  const what =
    unit === "loss"
      ? `predicted loss increase ${paint("bold", formatSignificant(cost))} nats a token`
      : `sum of relative output errors ${paint("bold", formatSignificant(cost))} (the statistics have no gradient-square, so every layer counts the same)`;
  return `Target ${targetBitsPerWeight} bits per weight: ${bitsPerWeight.toFixed(4)}, ${below.toFixed(2)} % below; ${what}; no assignment within the target is predicted below ${formatSignificant(lowerBound)}.`;
}

function measuredLine({ unit, assignment }: TargetPlan, measured: MeasuredIncrease | undefined): string {
  if (measured === undefined) return "The loss was not measured: there is no text (--held-out FILE).";
  const { lossIncrease, perplexity, originalPerplexity, tokens, origin } = measured;
  const error = lossIncrease.standardError === undefined ? "" : ` ± ${formatSignificant(lossIncrease.standardError)}`;
  const predicted = unit === "loss" ? `, predicted ${formatSignificant(assignment.cost)}` : "";
  return `Measured loss increase ${paint("bold", formatSignificant(lossIncrease.mean))}${error} nats a token${predicted}: perplexity ${originalPerplexity.toFixed(4)} → ${perplexity.toFixed(4)} on ${tokens} tokens of ${origin}.`;
}
