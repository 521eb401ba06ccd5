import type { Distribution, TensorFacts } from "../../protocol/tensor-messages.js";
import type { TrialResult } from "../../protocol/trial-messages.js";
import { createHistogramView, type HistogramView } from "../histogram/histogram-view.js";
import { createMapView, type MapView } from "../outlier-map/outlier-map-view.js";
import type { PageContext } from "../page.js";
import { t } from "../texts.js";
import type { Theme } from "../theme.js";

export interface TrialPictureInput {
  readonly facts: TensorFacts;
  readonly result: TrialResult;
  /** Of the original weight, with the bins of the trial's; absent until it is known. */
  readonly original: Distribution | undefined;
  readonly isLogarithmic: boolean;
}

/** Histogram and error map of one card. */
export class TrialPictures {
  readonly #context: PageContext;
  readonly #histogram: HistogramView;
  readonly #map: MapView;
  #shownTrial: string | undefined;

  constructor(histogram: HTMLElement, map: HTMLElement, label: string, context: PageContext) {
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
    });
  }

  /** The setting of the form changes while its card stays. */
  setLabel(label: string): void {
    this.#histogram.setLabel(t("Values of {0}", label));
    this.#map.setLabel(t("Error of {0}", label));
  }

  update({ facts, result, original, isLogarithmic }: TrialPictureInput): void {
    this.#histogram.update({
      bins: result.histogram,
      levels: result.levels,
      logarithmic: isLogarithmic,
      compared: original && { bins: original.histogram, label: t("original") },
    });
    if (this.#shownTrial === result.trial) return;
    this.#shownTrial = result.trial;
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
