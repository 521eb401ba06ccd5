import { html, nothing, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import type { RequestFailure } from "../../protocol/envelope.js";
import type { MapPicture } from "../../protocol/tensor-messages.js";
import { failureView } from "../failure-view.js";
import { formatCount } from "../format-figures.js";
import { t } from "../texts.js";
import { shadingLabel } from "./map-shading.js";
import {
  type FigureUnit,
  figureText,
  type OutlierFacts,
  spanText,
  summaryText,
  type TileFigures,
  topTiles,
} from "./map-text.js";
import type { MatrixCell } from "./matrix-viewport.js";

export interface MapTemplateState {
  readonly label: string;
  readonly testId: string;
  readonly helpId: string;
  readonly position: string;
  readonly readout: string;
  readonly unit: FigureUnit;
  readonly outliers: OutlierFacts;
  /** The picture that words and table are about: of what is shown. */
  readonly picture: MapPicture | undefined;
  readonly isWhole: boolean;
  readonly markersHidden: boolean;
  readonly failure: RequestFailure | undefined;
  readonly onRetry: () => void;
  readonly onZoom: (factor: number) => void;
  readonly onWhole: () => void;
  readonly onGo: (cell: MatrixCell) => void;
}

const TABLE_TILES = 12;

export function mapTemplate(state: MapTemplateState): TemplateResult {
  const { picture, unit } = state;
  return html`
    <div class="map-bar">
      <button type="button" class="secondary compact" data-testid="map-zoom-in" title=${t("Zoom in (+)")} aria-label=${t("Zoom in")} @click=${() => state.onZoom(2)}>+</button>
      <button type="button" class="secondary compact" data-testid="map-zoom-out" title=${t("Zoom out (−)")} aria-label=${t("Zoom out")} aria-disabled=${state.isWhole ? "true" : "false"} @click=${() => state.onZoom(0.5)}>−</button>
      <button type="button" class="secondary compact" data-testid="map-whole" title=${t("Whole matrix (0)")} aria-disabled=${state.isWhole ? "true" : "false"} @click=${state.onWhole}>${t("Whole")}</button>
      <span class="map-position figure" data-testid="map-position">${state.position}</span>
    </div>
    <div class="map-frame">
      <canvas
        class="map-canvas"
        data-testid=${state.testId}
        tabindex="0"
        role="application"
        aria-roledescription=${t("map of weights")}
        aria-label=${state.label}
        aria-describedby=${state.helpId}
      ></canvas>
      <canvas class="map-inset" aria-hidden="true" ?hidden=${state.isWhole}></canvas>
    </div>
    <p class="map-readout figure" data-testid="map-readout">${state.readout}</p>
    <canvas class="map-legend" aria-hidden="true"></canvas>
    <p class="visually-hidden" id=${state.helpId}>
      ${t("Arrow keys move the cursor, with Shift the part that is shown. Plus and minus zoom, 0 shows the whole matrix, Enter says the value. Wheel zooms while the map has the focus, or with Ctrl.")}
    </p>
    ${state.markersHidden ? html`<p class="muted">${t("Too many tiles hold outliers to mark them one by one: zoom in.")}</p>` : nothing}
    ${state.failure === undefined ? nothing : failureView(state.failure, state.onRetry)}
    <p class="map-summary" data-testid="map-summary">${
      picture === undefined
        ? t("Reading the weights …")
        : guard([picture, unit.shading, unit.std, state.outliers.threshold, state.outliers.count], () =>
            summaryText(picture, unit, state.outliers),
          )
    }</p>
    ${picture === undefined ? nothing : guard([picture, unit.shading, unit.std], () => topTilesTable(topTiles(picture, TABLE_TILES), unit, state.onGo))}
  `;
}

function topTilesTable(
  tiles: readonly TileFigures[],
  unit: FigureUnit,
  onGo: (cell: MatrixCell) => void,
): TemplateResult {
  const hasCounts = tiles.some(({ outliers }) => outliers !== undefined);
  return html`
    <details class="map-table">
      <summary>${t("Largest tiles as a table")}</summary>
      <table class="figures" data-testid="map-table">
        <caption>${t("The {0} tiles with the largest figures of what is shown", tiles.length)}</caption>
        <thead>
          <tr>
            <th scope="col">${t("Rows")}</th>
            <th scope="col">${t("Columns")}</th>
            <th scope="col" class="number">${shadingLabel(unit.shading)}</th>
            ${hasCounts ? html`<th scope="col" class="number">${t("Outliers")}</th>` : nothing}
            <th scope="col"><span class="visually-hidden">${t("Show")}</span></th>
          </tr>
        </thead>
        <tbody>
          ${tiles.map(
            ({ window, value, outliers }) => html`
              <tr>
                <td class="figure">${spanText(window.row, window.rows)}</td>
                <td class="figure">${spanText(window.column, window.columns)}</td>
                <td class="number">${figureText(value, unit)}</td>
                ${hasCounts ? html`<td class="number">${outliers === undefined ? "" : formatCount(outliers)}</td>` : nothing}
                <td>
                  <button type="button" class="secondary compact" aria-label=${t("Show rows {0}, columns {1} in the map", spanText(window.row, window.rows), spanText(window.column, window.columns))} @click=${() =>
                    onGo({
                      row: window.row + Math.floor(window.rows / 2),
                      column: window.column + Math.floor(window.columns / 2),
                    })}>${t("Show")}</button>
                </td>
              </tr>
            `,
          )}
        </tbody>
      </table>
    </details>
  `;
}
