import type { Estimate, OutputError, Protocol } from "@lowbit/lm";
import { printable } from "../output/printable.js";
import { formatBytes, formatDuration, formatNumber, formatSignificant } from "../output/quantities.js";
import { paint } from "../output/style.js";
import { renderTable, right } from "../output/table.js";
import type { EvaluateAnswer } from "./run-evaluate.js";

/** @param machine what the model ran on */
export function renderEvaluation(answer: EvaluateAnswer, machine: string): string {
  const sections = [renderProtocol(answer, machine), renderPerplexity(answer)];
  if (answer.against) sections.push(renderDivergence(answer.against.comparison.divergence));
  if (answer.layers) {
    const { layers, blocks } = answer.layers;
    sections.push(renderErrors("linear layer, on the original's input", layers));
    sections.push(renderErrors("block, on the original's input", blocks));
  }
  return sections.join("\n\n");
}

function renderProtocol(answer: EvaluateAnswer, machine: string): string {
  const { protocol } = answer.evaluation;
  const lines = [
    `${paint("bold", printable(answer.model))}: ${formatBytes(answer.weightBytes)} of weights, ${formatDuration(answer.seconds)}; ${machine}`,
    `text ${printable(answer.text)}: ${answer.textTokens} tokens${protocol.textTokens < answer.textTokens ? `, the first ${protocol.textTokens} used` : ""}${vocabulary(answer)}`,
    describeWindows(protocol),
    describePrecision(answer),
  ];
  return lines.join("\n");
}

function vocabulary({ tokenizerIds, vocabularySize }: EvaluateAnswer): string {
  if (tokenizerIds === undefined || tokenizerIds === vocabularySize) return "";
  return `; the tokenizer has ${tokenizerIds} ids, the model ${vocabularySize} rows`;
}

function describeWindows({ context, windowIds, stride, beginToken, windows, scoredTokens }: Protocol): string {
  const begin = beginToken === undefined ? "no begin token" : `begin token ${beginToken} before each window`;
  return `context ${context}, windows of ${windowIds} ids at a stride of ${stride}, ${begin}; ${windows} windows, ${scoredTokens} tokens scored`;
}

function describePrecision({ precision, against }: EvaluateAnswer): string {
  const { activationBits, cachePrecision, cacheGrouping, rotateKeys } = precision;
  const activations =
    activationBits === undefined
      ? "as the model was trained"
      : `${activationBits} bits per token before linear layers of blocks`;
  const scales =
    cacheGrouping === "token"
      ? "a scale per head and token"
      : "a scale per channel and 32 tokens for keys, per head and token for values";
  const cache =
    typeof cachePrecision === "number"
      ? `${cachePrecision} bits, ${scales}${rotateKeys ? ", keys rotated" : ""}`
      : cachePrecision;
  const original = against === undefined ? "" : " (of the model; the other one runs as it was trained)";
  return `activations ${activations}, keys and values ${cache}${original}`;
}

function renderPerplexity({ model, evaluation, against }: EvaluateAnswer): string {
  const row = (name: string, nll: Estimate, perplexity: Estimate): string[] => [
    name,
    digits(perplexity.mean),
    plusMinus(perplexity),
    nll.mean.toFixed(6),
    plusMinus(nll),
  ];
  const rows = [row(model, evaluation.nll, evaluation.perplexity)];
  const columns = [{ title: "model" }, right("perplexity"), right("±"), right("nats a token"), right("±")];
  if (!against) return renderTable(columns, rows);
  const { original, nllDifference, perplexityRatio, sameTop } = against.comparison;
  rows.push(row(against.name, original.nll, original.perplexity));
  rows.push(row("ratio, difference (paired)", nllDifference, perplexityRatio));
  const share = `same likeliest token: ${(sameTop.mean * 100).toFixed(2)} %${sameTop.standardError === undefined ? "" : ` ± ${(sameTop.standardError * 100).toFixed(2)}`}`;
  return `${renderTable(columns, rows)}\n\n${share}`;
}

function renderDivergence({
  mean,
  standardError,
  median,
  percentile90,
  percentile99,
  maximum,
}: Estimate & Record<"median" | "percentile90" | "percentile99" | "maximum", number>): string {
  const values = [mean, standardError, median, percentile90, percentile99, maximum];
  const titles = ["KL mean", "±", "median", "90 %", "99 %", "maximum"];
  return `${renderTable(
    titles.map((title) => right(title)),
    [values.map((value) => (value === undefined ? "–" : formatSignificant(value)))],
  )}\nKL(original ‖ model), nats a token`;
}

function renderErrors(what: string, errors: readonly OutputError[]): string {
  const rows = errors.map(({ name, relativeError }) => [name, formatSignificant(relativeError)]);
  return renderTable([{ title: what }, right("relative squared error")], rows);
}

/** Six significant digits. */
function digits(value: number): string {
  return Number.isFinite(value) ? value.toPrecision(6) : formatNumber(value, 0);
}

function plusMinus({ standardError }: Estimate): string {
  return standardError === undefined ? "–" : formatSignificant(standardError);
}
