import { html, nothing, render, type TemplateResult } from "lit";
import type { AxisProfile } from "../../protocol/tensor-messages.js";
import { createPlot, type PlotInks, type PlotPicture } from "../chart/plot.js";
import { formatReal } from "../format-figures.js";
import { spanText } from "../outlier-map/map-text.js";
import { t } from "../texts.js";
import type { Theme } from "../theme.js";
import {
  type ProfileAxis,
  profileSpan,
  profileSummary,
  spanFiguresText,
  spanMiddles,
  topSpans,
} from "./profile-series.js";

export interface ProfileViewOptions {
  readonly axis: ProfileAxis;
  readonly theme: Theme;
  readonly label: string;
  announce(text: string): void;
  /** A row (or column) was chosen: the first of its span. */
  onPick(index: number): void;
}

export interface ProfileView {
  update(profile: AxisProfile | undefined): void;
  setLabel(label: string): void;
  themeChanged(theme: Theme): void;
  dispose(): void;
}

const TABLE_SPANS = 12;

/** Largest |w|, RMS and mean along one axis. Click or Enter chooses. */
export function createProfileView(container: HTMLElement, options: ProfileViewOptions): ProfileView {
  const { axis } = options;
  const document = container.ownerDocument;
  const picture = document.createElement("div");
  const words = document.createElement("div");
  container.append(picture, words);
  let profile: AxisProfile | undefined;
  let point: number | undefined;

  const plot = createPlot(picture, {
    theme: options.theme,
    label: options.label,
    testId: `profile-${axis}`,
    height: 180,
    onPoint(index, byKeyboard) {
      point = index;
      renderWords();
      if (byKeyboard && index !== undefined && profile !== undefined) {
        options.announce(spanFiguresText(axis, profile, index));
      }
    },
    onPick(index) {
      if (profile !== undefined) options.onPick(profileSpan(profile, index).begin);
    },
  });

  function renderWords(): void {
    render(profile === undefined ? nothing : wordsTemplate(axis, profile, point, options.onPick), words);
  }

  return {
    update(next) {
      profile = next;
      point = undefined;
      plot.update(next === undefined ? undefined : (inks) => profilePicture(axis, next, inks));
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

function profilePicture(axis: ProfileAxis, profile: AxisProfile, inks: PlotInks): PlotPicture {
  const numbers = (values: Float32Array): (number | null)[] =>
    Array.from(values, (value) => (Number.isFinite(value) ? value : null));
  const points = { show: profile.rms.length < 3, size: 5 };
  const dash = [8, 4];
  return {
    data: [spanMiddles(profile), numbers(profile.absMaximum), numbers(profile.rms), numbers(profile.mean)],
    series: [
      { stroke: inks.series[0], width: 1.5, points },
      { stroke: inks.series[1], width: 1.5, dash, points },
      { stroke: inks.series[2], width: 1.5, dash: [2, 3], points },
    ],
    x: {
      label: axis === "rows" ? t("row") : t("column"),
      scale: { range: profile.size > 1 ? [0, profile.size - 1] : [-0.5, 0.5] },
      format: (value) => String(value),
    },
    y: { label: "w", scale: {}, format: formatReal },
  };
}

function wordsTemplate(
  axis: ProfileAxis,
  profile: AxisProfile,
  point: number | undefined,
  onPick: (index: number) => void,
): TemplateResult {
  return html`
    <p class="plot-readout figure" data-testid="profile-${axis}-readout">${
      point === undefined ? profileSummary(axis, profile) : spanFiguresText(axis, profile, point)
    }</p>
    <ul class="plot-key">
      <li class="series-1">${t("largest |w|")}</li>
      <li class="series-2">${t("RMS")}</li>
      <li class="series-3">${t("mean")}</li>
    </ul>
    <details>
      <summary>${axis === "rows" ? t("Rows with the largest weights") : t("Columns with the largest weights")}</summary>
      <table class="figures" data-testid="profile-${axis}-table">
        <thead>
          <tr>
            <th scope="col">${axis === "rows" ? t("Rows") : t("Columns")}</th>
            <th scope="col" class="number">${t("Largest |w|")}</th>
            <th scope="col" class="number">${t("RMS")}</th>
            <th scope="col" class="number">${t("Mean")}</th>
            <th scope="col"><span class="visually-hidden">${t("Show")}</span></th>
          </tr>
        </thead>
        <tbody>
          ${topSpans(profile, TABLE_SPANS).map((span) => {
            const { begin, length } = profileSpan(profile, span);
            return html`
              <tr>
                <td class="figure">${spanText(begin, length)}</td>
                <td class="number">${formatReal(profile.absMaximum[span]!)}</td>
                <td class="number">${formatReal(profile.rms[span]!)}</td>
                <td class="number">${formatReal(profile.mean[span]!)}</td>
                <td>
                  <button type="button" class="secondary compact" aria-label=${
                    axis === "rows" ? t("Show row {0}", begin) : t("Show column {0}", begin)
                  } @click=${() => onPick(begin)}>${t("Show")}</button>
                </td>
              </tr>
            `;
          })}
        </tbody>
      </table>
    </details>
  `;
}
