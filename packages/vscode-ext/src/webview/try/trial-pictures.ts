import type { Distribution, TensorFacts } from "../../protocol/tensor-messages.js";
import type { TrialResult } from "../../protocol/trial-messages.js";
import { createHistogramView, type HistogramView } from "../histogram/histogram-view.js";
import type { MapView } from "../outlier-map/map-view.js";
import { createMapView } from "../outlier-map/outlier-map-view.js";
import type { PageContext } from "../page.js";
import { t } from "../texts.js";
import type { Theme } from "../theme.js";

export interface TrialPictureInput {
  readonly facts: TensorFacts;
  readonly result: TrialResult;
  /** Of the original weight, with the bins of the trial's; absent until it is known. */
  readonly original: Distribution | undefined;
  readonly isLogarithmic: boolean;
  /** End of the colour scale of all cards' error maps; their own while it is not known. */
  readonly errorEnd: number | undefined;
}

/** Histogram and error map of one card. */
export class TrialPictures {
  readonly #context: PageContext;
  readonly #histogram: HistogramView;
  readonly #map: MapView;
  #shownMap = "";
  #largestError: number | undefined;

  /** `onLargestError`: the error map is complete, and `largestError` is known. */
  constructor(
    histogram: HTMLElement,
    map: HTMLElement,
    label: string,
    context: PageContext,
    onLargestError: () => void,
  ) {
    this.#context = context;
    const { request, theme } = context;
    const announce = (text: string): void => context.announce(text);
    this.#histogram = createHistogramView(histogram, {
      theme,
      announce,
      label: t("Values of {0}", label),
      testId: "try-histogram",
      height: 150,
    });
    this.#map = createMapView(map, {
      request,
      theme,
      announce,
      label: t("Error of {0}", label),
      testId: "try-error-map",
      onLargestTile: (value) => {
        if (value === this.#largestError) return;
        this.#largestError = value;
        onLargestError();
      },
    });
  }

  /** RMS error of the worst tile. */
  get largestError(): number | undefined {
    return this.#largestError;
  }

  /** The setting of the form changes while its card stays. */
  setLabel(label: string): void {
    this.#histogram.setLabel(t("Values of {0}", label));
    this.#map.setLabel(t("Error of {0}", label));
  }

  update({ facts, result, original, isLogarithmic, errorEnd }: TrialPictureInput): void {
    this.#histogram.update({
      bins: result.histogram,
      levels: result.levels,
      logarithmic: isLogarithmic,
      compared: original && { bins: original.histogram, label: t("original") },
    });
    const shownMap = JSON.stringify([result.trial, errorEnd]);
    if (this.#shownMap === shownMap) return;
    this.#shownMap = shownMap;
    this.#map.update({
      name: facts.name,
      side: { kind: "trial", trial: result.trial },
      against: { kind: "own" },
      rows: facts.rows,
      columns: facts.columns,
      shading: "error",
      std: original?.std ?? 0,
      colors: this.#context.settings.mapColors,
      logarithmic: false,
      rangeOfWindow: false,
      scaleEnd: errorEnd,
      markOutliers: false,
    });
  }

  themeChanged(theme: Theme): void {
    this.#histogram.themeChanged(theme);
    this.#map.themeChanged(theme);
  }

  dispose(): void {
    this.#histogram.dispose();
    this.#map.dispose();
  }
}
