import { html, nothing, render, type TemplateResult } from "lit";
import uPlot from "uplot";
import type { HistogramBins } from "../../protocol/tensor-messages.js";
import { createPlot, type PlotInks, type PlotPicture } from "../chart/plot.js";
import { formatCount, formatReal, formatShare } from "../format-figures.js";
import { t } from "../texts.js";
import type { Theme } from "../theme.js";
import { binText, histogramSeries, histogramSummary, mergeBins, totalCount } from "./histogram-series.js";

export interface HistogramInput {
  readonly bins: HistogramBins;
  /** Values that quantized weights take, ascending; marks in the picture. */
  readonly levels?: Float64Array | undefined;
  /** Counts on a logarithmic axis. */
  readonly logarithmic: boolean;
  /** Beyond ± this value weights are outliers: two marks. */
  readonly threshold?: number | undefined;
  /** Another distribution, drawn as a line over the bars: the original's, say. */
  readonly compared?: { readonly bins: HistogramBins; readonly label: string } | undefined;
}

export interface HistogramViewOptions {
  readonly theme: Theme;
  /** For assistive technology: "Histogram of …". */
  readonly label: string;
  announce(text: string): void;
  /** `data-testid` of picture and table: "histogram" and "histogram-table" when absent. */
  readonly testId?: string;
  /** In CSS pixels; 220 when absent. */
  readonly height?: number;
}

export interface HistogramView {
  update(input: HistogramInput | undefined): void;
  setLabel(label: string): void;
  themeChanged(theme: Theme): void;
  dispose(): void;
}

const TABLE_BINS = 16;
const LISTED_LEVELS = 64;

/** Bars of counts with quantization levels as marks, a readout of the bin under the cursor, and the same as a table. */
export function createHistogramView(container: HTMLElement, options: HistogramViewOptions): HistogramView {
  const testId = options.testId ?? "histogram";
  const document = container.ownerDocument;
  const picture = document.createElement("div");
  const words = document.createElement("div");
  container.append(picture, words);
  let input: HistogramInput | undefined;
  let bin: number | undefined;

  const plot = createPlot(picture, {
    theme: options.theme,
    label: options.label,
    testId,
    height: options.height ?? 220,
    onPoint(index, byKeyboard) {
      bin = index;
      renderWords();
      if (byKeyboard && input !== undefined && index !== undefined) {
        options.announce(binText(input.bins, index, totalCount(input.bins)));
      }
    },
  });

  function renderWords(): void {
    render(input === undefined ? nothing : wordsTemplate(input, bin, `${testId}-table`), words);
  }

  return {
    update(next) {
      input = next;
      bin = undefined;
      plot.update(next === undefined ? undefined : (inks) => histogramPicture(next, inks));
      renderWords();
    },
    setLabel: (label) => plot.setLabel(label),
    themeChanged: (theme) => plot.themeChanged(theme),
    dispose() {
      plot.dispose();
      render(nothing, words);
      picture.remove();
      words.remove();
    },
  };
}

function histogramPicture(input: HistogramInput, inks: PlotInks): PlotPicture {
  const { bins, logarithmic } = input;
  const { middles, counts } = histogramSeries(bins, logarithmic);
  const most = Math.max(1, ...bins.counts, ...(input.compared?.bins.counts ?? []));
  return {
    data: [middles, counts],
    series: [
      {
        stroke: inks.series[0],
        fill: inks.series[0],
        width: 0,
        points: { show: false },
        paths: uPlot.paths.bars!({ size: [1, Number.POSITIVE_INFINITY], gap: 0 }),
        fillTo: logarithmic ? LOG_FLOOR : 0,
      },
    ],
    x: {
      label: t("weight"),
      scale: { range: [bins.edges[0]!, bins.edges.at(-1)!] },
      format: formatReal,
    },
    y: {
      label: t("count"),
      scale: logarithmic ? { distr: 3, range: [LOG_FLOOR, 2 * most] } : { range: [0, 1.05 * most] },
      format: formatCount,
      ...(logarithmic ? { marks: powersOfTen(most) } : {}),
    },
    drawUnder: (plot) => drawLevels(plot, input, inks),
    drawOver: (plot) => drawMarks(plot, input, inks),
  };
}

/** 1, 10, 100 … up to the highest bar; every second or third where there are many. */
function powersOfTen(most: number): number[] {
  const decades = Math.floor(Math.log10(Math.max(most, 1)));
  const step = Math.ceil((decades + 1) / 5);
  return Array.from({ length: Math.floor(decades / step) + 1 }, (_, i) => 10 ** (i * step));
}

/** A bin of one weight is still a bar. */
const LOG_FLOOR = 0.5;

type MarkContext = Pick<
  CanvasRenderingContext2D,
  | "save"
  | "restore"
  | "beginPath"
  | "rect"
  | "clip"
  | "moveTo"
  | "lineTo"
  | "stroke"
  | "setLineDash"
  | "strokeStyle"
  | "lineWidth"
>;

interface MarkFrame {
  readonly ctx: MarkContext;
  readonly bbox: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
  valToPos(value: number, scale: string, canvasPixels?: boolean): number;
}

/** Levels as lines behind the bars: over them they would hide the very bins that they mark. */
export function drawLevels(plot: MarkFrame, input: HistogramInput, inks: PlotInks): void {
  if (input.levels === undefined || input.levels.length === 0) return;
  withinFrame(plot, (line) => {
    plot.ctx.lineWidth = 2 * line;
    plot.ctx.strokeStyle = inks.series[1];
    drawVerticals(plot, input.levels!);
  });
}

/** The other distribution as an outline, the threshold dashed on both sides. */
export function drawMarks(plot: MarkFrame, input: HistogramInput, inks: PlotInks): void {
  const { compared, threshold } = input;
  const { ctx } = plot;
  withinFrame(plot, (line) => {
    if (compared !== undefined) {
      ctx.strokeStyle = inks.series[2];
      ctx.lineWidth = 1.5 * line;
      drawOutline(plot, compared.bins, input.logarithmic ? LOG_FLOOR : 0);
    }
    if (threshold === undefined) return;
    ctx.lineWidth = line;
    ctx.strokeStyle = inks.mark;
    ctx.setLineDash([6 * line, 4 * line]);
    drawVerticals(plot, [-threshold, threshold]);
  });
}

function withinFrame({ ctx, bbox }: MarkFrame, draw: (line: number) => void): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  draw(Math.max(1, Math.round(bbox.width / 900)));
  ctx.restore();
}

function drawVerticals(plot: MarkFrame, values: Iterable<number>): void {
  const { ctx, bbox } = plot;
  ctx.beginPath();
  for (const value of values) {
    const x = plot.valToPos(value, "x", true);
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
  }
  ctx.stroke();
}

function drawOutline(plot: MarkFrame, { edges, counts }: HistogramBins, floor: number): void {
  const { ctx, bbox } = plot;
  ctx.beginPath();
  ctx.moveTo(plot.valToPos(edges[0]!, "x", true), bbox.top + bbox.height);
  counts.forEach((count, i) => {
    const y = plot.valToPos(Math.max(count, floor), "y", true);
    ctx.lineTo(plot.valToPos(edges[i]!, "x", true), y);
    ctx.lineTo(plot.valToPos(edges[i + 1]!, "x", true), y);
  });
  ctx.stroke();
}

function wordsTemplate(input: HistogramInput, bin: number | undefined, tableId: string): TemplateResult {
  const { bins, levels = new Float64Array(0) } = input;
  const total = totalCount(bins);
  const rows = mergeBins(bins, TABLE_BINS);
  return html`
    <p class="plot-readout figure">${bin === undefined ? histogramSummary(bins, levels) : binText(bins, bin, total)}</p>
    <ul class="plot-key">
      <li class="series-1">${t("weights")}</li>
      ${input.compared === undefined ? nothing : html`<li class="series-3">${input.compared.label}</li>`}
      ${levels.length === 0 ? nothing : html`<li class="series-level">${t("quantization levels")}</li>`}
      ${input.threshold === undefined ? nothing : html`<li class="series-mark">${t("outliers lie beyond ±{0}", formatReal(input.threshold))}</li>`}
    </ul>
    <details>
      <summary>${t("Histogram as a table")}</summary>
      <table class="figures" data-testid=${tableId}>
        <caption>${t("{0} weights", formatCount(total))}</caption>
        <thead>
          <tr>
            <th scope="col" class="number">${t("From")}</th>
            <th scope="col" class="number">${t("To")}</th>
            <th scope="col" class="number">${t("Weights")}</th>
            <th scope="col" class="number">${t("Share")}</th>
          </tr>
        </thead>
        <tbody>
          ${Array.from(
            rows.counts,
            (count, i) => html`
              <tr>
                <td class="number">${formatReal(rows.edges[i]!)}</td>
                <td class="number">${formatReal(rows.edges[i + 1]!)}</td>
                <td class="number">${formatCount(count)}</td>
                <td class="number">${formatShare(total > 0 ? count / total : 0)}</td>
              </tr>
            `,
          )}
        </tbody>
      </table>
      ${
        levels.length === 0
          ? nothing
          : html`<p class="figure">${t("Levels:")} ${Array.from(levels.subarray(0, LISTED_LEVELS), formatReal).join(", ")}${
              levels.length > LISTED_LEVELS ? t(" and {0} more", levels.length - LISTED_LEVELS) : ""
            }</p>`
      }
    </details>
  `;
}
