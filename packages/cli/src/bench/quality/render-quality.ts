import { formatBytes, formatDuration, formatNumber, formatSignificant } from "../../output/quantities.js";
import { checkOrders, type OrderCheck, type OrderFinding } from "./order-checks.js";
import { type DoneQualityRow, doneRows, type MeasuredMean, type ModelQuality, type QualityRow } from "./quality-row.js";
import { checkTargets, type TargetFinding } from "./target-checks.js";

/**
 * The page: what the figures are, what people have noted, then a picture, a table and checks for each model.
 * @param picture path of a model's picture
 * @param notes what `pageNotes` found on the page that is replaced
 */
export function renderQuality(
  models: readonly ModelQuality[],
  checks: readonly OrderCheck[],
  picture: (model: string) => string,
  notes = "\n",
): string {
  const sections = models.flatMap((quality) => renderModel(quality, checks, picture(quality.model)));
  return `${[INTRODUCTION, `${NOTES_BEGIN}${notes}${NOTES_END}`, ...sections].join("\n\n")}\n`;
}

const [NOTES_BEGIN, NOTES_END] = ["<!-- notes -->", "<!-- /notes -->"];

/** What stands between the marks for notes on a page; it is kept when the page is written again. */
export function pageNotes(page: string): string | undefined {
  const [begin, end] = [page.indexOf(NOTES_BEGIN), page.indexOf(NOTES_END)];
  return begin < 0 || end < begin ? undefined : page.slice(begin + NOTES_BEGIN.length, end);
}

const INTRODUCTION = `# Quality: every method on the same models

<!-- Written by \`lowbit bench quality\`; change the command's sources, not this page. -->

Every figure is made by the command that stands above its table. Each row is one \`lowbit quantize\` and one \`lowbit evaluate\`
in processes of their own; calibrated methods get the same statistics, collected once per model on a text that is not
evaluated. Embeddings, norms and the output layer are kept.

- **claimed, stored, model**: bits per weight by the rule of the method's paper; of every stored byte of the quantized layers
  (codes, scales, masks, indices, permutations); and over the whole model, what is kept included.
- **layer error**: ‖y′ − y‖² / ‖y‖² of a quantized layer's output, on the inputs that it has in the original model, mean over
  the layers.
- **perplexity** with the standard error of its mean loss over windows; **KL** of the original's next-token distribution from
  the quantized model's, nats a token.
- **time** and **memory**: of quantizing, statistics (and for targets measured candidates) given; the memory is the most
  that the process held.

A perplexity above ten times the original's says that the model is broken, and ranks nothing.`;

const COLUMNS = ["setting", "claimed", "stored", "model", "layer error", "perplexity", "KL", "time", "memory"];

function renderModel(quality: ModelQuality, checks: readonly OrderCheck[], picture: string): string[] {
  const { model, protocol, original, machine, command, rows } = quality;
  const done = doneRows(quality);
  const { samples, sampleLength, context, windows } = protocol;
  const sections = [
    `## ${model}`,
    `    ${command}`,
    `${original.scoredTokens} tokens scored in ${windows} windows of ${context}; statistics of ${samples} samples of ${sampleLength} tokens; ${machine}. Perplexity of the original, at ${formatNumber(original.bitsPerWeight, 2)} bits per weight: ${perplexity(original.perplexity)}.`,
  ];
  if (done.length > 0) sections.push(`![Perplexity against stored bits per weight, ${model}](${picture})`);
  sections.push(markdownTable(COLUMNS, rows.map(cells)));
  const orders = checkOrders(checks, done, original.perplexity.mean);
  if (orders.length > 0) sections.push(...renderOrders(orders));
  const targets = checkTargets(done);
  if (targets.length > 0) sections.push(...renderTargets(targets));
  return sections;
}

function cells(row: QualityRow): string[] {
  const name = `\`${row.arguments.join(" ").replace(/^--method /, "")}\``;
  if (row.status === "failed") return [name, `failed: \`${row.code}\``, ...COLUMNS.slice(2).map(() => "")];
  return [
    name,
    formatNumber(row.claimedBitsPerWeight, 2),
    formatNumber(row.storedBitsPerWeight, 3),
    formatNumber(row.modelBitsPerWeight, 2),
    formatSignificant(row.layerError),
    perplexity(row.perplexity),
    formatSignificant(row.divergence.mean),
    formatDuration(row.quantizeSeconds),
    formatBytes(row.peakMemoryBytes),
  ];
}

function renderOrders(findings: readonly OrderFinding[]): string[] {
  const exceptions = findings.filter(({ verdict }) => verdict === "does not hold").length;
  const counted = findings.filter(({ verdict }) => verdict !== "collapsed").length;
  return [
    "Orders of the literature, by layer error and by perplexity:",
    markdownTable(
      ["order", "expected", "figure", "found", ""],
      findings.map(({ group, better, worse, relation, figure, betterValue, worseValue, verdict }) => [
        group,
        `${better} ${relation} ${worse}`,
        figure,
        `${figureText(figure, betterValue)} and ${figureText(figure, worseValue)}`,
        verdict === "does not hold" ? "**does not hold**" : verdict,
      ]),
    ),
    `${counted - exceptions} of ${counted} hold.`,
  ];
}

function renderTargets(findings: readonly TargetFinding[]): string[] {
  const text = (row: DoneQualityRow): string =>
    `${formatNumber(row.perplexity.mean, 3)} at ${formatNumber(row.storedBitsPerWeight, 3)}`;
  return [
    "Mixed precision by target beside the best uniform setting of this table with at most as many stored bits:",
    markdownTable(
      ["target", "perplexity at stored bits", "best uniform setting", "its perplexity at stored bits", "lower"],
      findings.map(({ target, best, holds }) => [
        target.arguments[1]!,
        text(target),
        best.name,
        text(best),
        holds ? "holds" : "**does not hold**",
      ]),
    ),
  ];
}

function figureText(figure: OrderFinding["figure"], value: number): string {
  return figure === "perplexity" && value < 1000 ? value.toFixed(3) : formatSignificant(value);
}

function perplexity({ mean, standardError }: MeasuredMean): string {
  if (mean >= 1000) return formatSignificant(mean);
  const error = standardError === undefined ? "" : ` ± ${standardError.toPrecision(2)}`;
  return `${mean.toFixed(mean < 100 ? 3 : 1)}${error}`;
}

function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (values: readonly string[]): string =>
    `| ${values.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(titles), line(titles.map(() => "---")), ...rows.map(line)].join("\n");
}
