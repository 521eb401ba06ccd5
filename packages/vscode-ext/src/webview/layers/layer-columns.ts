import type { LayerLine, LayerSortKey, LayerStatistics } from "../../protocol/layer-messages.js";
import {
  formatBits,
  formatBytes,
  formatCount,
  formatLarge,
  formatReal,
  formatShape,
  formatShare,
} from "../format-figures.js";
import { t } from "../texts.js";
import { visibleText } from "../visible-text.js";

export interface LayerColumn {
  readonly id: string;
  readonly title: string;
  /** What it says longer, as a tool tip of the heading. */
  readonly explanation: string;
  /** Absent where it cannot be sorted by. */
  readonly sort?: LayerSortKey;
  /** True: large values first at the first click. */
  readonly descendsFirst: boolean;
  readonly isNumber: boolean;
  /** Empty where the line has no such figure. */
  text(line: LayerLine, statistics: LayerStatistics | undefined): string;
  /** The exact figure, where `text` is rounded. */
  exact?(line: LayerLine, statistics: LayerStatistics | undefined): string;
}

/** The columns after the name, in order. */
export function layerColumns(): readonly LayerColumn[] {
  return [
    {
      id: "storage",
      title: t("Dtype or method"),
      explanation: t("How it is stored; where a module holds several, all of them"),
      sort: "storage",
      descendsFirst: false,
      isNumber: false,
      text: (line) => visibleText(line.storage, 80),
    },
    {
      id: "shape",
      title: t("Shape"),
      explanation: t("Rows × columns of the weight, whatever is stored"),
      descendsFirst: false,
      isNumber: true,
      text: (line) => (line.kind === "module" ? "" : formatShape(line.shape)),
    },
    figure("parameters", t("Parameters"), t("Number of weights"), "parameters", (line) => line.parameters, formatLarge),
    figure("bytes", t("Size"), t("Every byte that is stored for it"), "bytes", (line) => line.bytes, formatBytes),
    {
      id: "stored",
      title: t("Bits, stored"),
      explanation: t("Bits per weight with scales, zero points and everything else"),
      sort: "bitsPerWeight",
      descendsFirst: true,
      isNumber: true,
      text: (line) => (line.storedBitsPerWeight === undefined ? "" : formatBits(line.storedBitsPerWeight)),
    },
    {
      id: "claimed",
      title: t("Bits, claimed"),
      explanation: t("Bits per weight as the method or dtype counts them"),
      descendsFirst: true,
      isNumber: true,
      text: (line) => (line.claimedBitsPerWeight === undefined ? "" : formatBits(line.claimedBitsPerWeight)),
    },
    statistic("absMaximum", t("Largest |w|"), t("Largest magnitude"), ({ absMaximum }) => formatReal(absMaximum)),
    statistic("rms", t("RMS"), t("Root mean square"), ({ rms }) => formatReal(rms)),
    statistic("kurtosis", t("Kurtosis"), t("Weight of the tails: 3 for a normal distribution"), ({ kurtosis }) =>
      formatReal(kurtosis),
    ),
    statistic("outlierShare", t("Outliers"), t("Share of weights beyond the outlier rule"), ({ outlierShare }) =>
      formatShare(outlierShare),
    ),
    statistic("nonFiniteCount", t("NaN, ∞"), t("Weights that are not a number or infinite"), (statistics) =>
      formatCount(statistics.nanCount + statistics.infiniteCount),
    ),
  ];
}

function figure(
  id: string,
  title: string,
  explanation: string,
  sort: LayerSortKey,
  value: (line: LayerLine) => number,
  format: (value: number) => string,
): LayerColumn {
  return {
    id,
    title,
    explanation,
    sort,
    descendsFirst: true,
    isNumber: true,
    text: (line) => format(value(line)),
    exact: (line) => formatCount(value(line)),
  };
}

function statistic(
  sort: LayerSortKey,
  title: string,
  explanation: string,
  text: (statistics: LayerStatistics) => string,
): LayerColumn {
  return {
    id: sort,
    title,
    explanation,
    sort,
    descendsFirst: true,
    isNumber: true,
    text: (_line, statistics) => (statistics === undefined ? "" : text(statistics)),
  };
}
