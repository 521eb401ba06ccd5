import type { ComparedWeightLine, CompareSortKey } from "../../protocol/compare-messages.js";
import { formatCosine, formatReal, formatShape } from "../format-figures.js";
import { t } from "../texts.js";
import { visibleText } from "../visible-text.js";

export interface CompareColumn {
  readonly id: string;
  readonly title: string;
  /** By which the column sorts; absent where it does not. */
  readonly sort?: CompareSortKey;
  readonly isFigure: boolean;
  text(line: ComparedWeightLine): string;
}

/** What stands for a figure that was not measured yet. */
const UNKNOWN = "–";

export function compareColumns(): readonly CompareColumn[] {
  const figure = (
    sort: Exclude<CompareSortKey, "name">,
    title: string,
    text: (value: number) => string = formatReal,
  ): CompareColumn => ({
    id: sort,
    title,
    sort,
    isFigure: true,
    text: ({ error, equal }) => {
      if (error !== undefined) return text(error[sort]);
      // Integers have no error: one column tells whether they are the same.
      if (equal === undefined || sort !== "relativeError") return UNKNOWN;
      return equal ? t("equal") : t("not equal");
    },
  });
  return [
    { id: "name", title: t("Weight"), sort: "name", isFigure: false, text: ({ name }) => visibleText(name, 200) },
    { id: "shape", title: t("Shape"), isFigure: false, text: ({ shape }) => formatShape(shape) },
    { id: "left", title: t("This model"), isFigure: false, text: ({ left }) => visibleText(left, 80) },
    { id: "right", title: t("Other"), isFigure: false, text: ({ right }) => visibleText(right, 80) },
    figure("sqnrDb", t("SQNR, dB")),
    figure("relativeError", t("Relative error")),
    figure("cosineSimilarity", t("Cosine"), formatCosine),
    figure("meanSquaredError", t("Mean squared error")),
  ];
}
