import "./group-scales.css";
import { html, nothing, render, type TemplateResult } from "lit";
import type { GroupScales } from "../../protocol/tensor-messages.js";
import { formatReal } from "../format-figures.js";
import { drawLegend, LEGEND_HEIGHT } from "../outlier-map/draw-legend.js";
import { type MapColorsName, mapColors } from "../outlier-map/map-colors.js";
import { colorScale } from "../outlier-map/map-shading.js";
import { tileLayer } from "../outlier-map/tile-canvas.js";
import { t } from "../texts.js";
import type { Theme } from "../theme.js";
import { visibleText } from "../visible-text.js";
import { extremeTiles, type ScaleTerm, type ScaleTile, scalePicture, scaleSummary } from "./scale-picture.js";

export interface GroupScalesView {
  update(scales: GroupScales, colors: MapColorsName): void;
  recolor(colors: MapColorsName): void;
  themeChanged(theme: Theme): void;
  dispose(): void;
}

const TABLE_TILES = 8;
const LEAST_HEIGHT = 48;
const MOST_HEIGHT = 320;

/** Every term's scales as a picture of rows and groups, with the extremes as a table. */
export function createGroupScalesView(container: HTMLElement, initialTheme: Theme): GroupScalesView {
  let theme = initialTheme;
  let shown: { readonly scales: GroupScales; readonly colors: MapColorsName } | undefined;

  function draw(): void {
    if (shown === undefined) return;
    const { terms } = shown.scales;
    render(
      html`<div data-testid="scales">${terms.length === 0 ? html`<p>${t("No term of this weight has scales of groups.")}</p>` : terms.map(termTemplate)}</div>`,
      container,
    );
    const pictures = container.querySelectorAll<HTMLCanvasElement>(".scale-picture");
    const legends = container.querySelectorAll<HTMLCanvasElement>(".scale-legend");
    for (const [i, term] of terms.entries()) drawTerm(term, pictures[i]!, legends[i]!);
  }

  function drawTerm(term: ScaleTerm, picture: HTMLCanvasElement, legend: HTMLCanvasElement): void {
    if (shown === undefined) return;
    const tiles = scalePicture(term);
    const colors = mapColors(shown.colors, theme);
    const scale = colorScale("scale", tiles, { logarithmic: false, std: 0 });
    const layer = tileLayer(tiles, scale, colors, container.ownerDocument);
    picture.width = tiles.tilesAcross;
    picture.height = tiles.tilesDown;
    const shape = tiles.tilesDown / tiles.tilesAcross;
    picture.style.height = `${Math.max(LEAST_HEIGHT, Math.min(512 * shape, MOST_HEIGHT))}px`;
    picture.getContext("2d")?.drawImage(layer.image, 0, 0);
    const line = Math.max(container.ownerDocument.defaultView?.devicePixelRatio ?? 1, 1);
    legend.width = Math.round((legend.clientWidth || 300) * line);
    legend.height = Math.round(LEGEND_HEIGHT * line);
    const context = legend.getContext("2d");
    if (context === null) return;
    drawLegend(context, {
      scale,
      colors,
      x: 0,
      y: 0,
      width: legend.width,
      line,
      fontFamily: theme.color("--vscode-editor-font-family", "monospace"),
      formatValue: formatReal,
    });
  }

  return {
    update(scales, colors) {
      shown = { scales, colors };
      draw();
    },
    recolor(colors) {
      if (shown !== undefined) shown = { ...shown, colors };
      draw();
    },
    themeChanged(next) {
      theme = next;
      draw();
    },
    dispose() {
      render(nothing, container);
    },
  };
}

function zeroLabel({ zero }: ScaleTerm): string {
  if (zero === "minimum") return t("Minimum");
  return zero === "mean" ? t("Mean") : t("Zero point");
}

function termTemplate(term: ScaleTerm): TemplateResult {
  const { largest, smallest } = extremeTiles(term, TABLE_TILES);
  const hasZeros = term.zeros !== undefined;
  const row = ({ rows, groups, scale, zero }: ScaleTile): TemplateResult => html`
    <tr>
      <td class="figure">${rows}</td>
      <td class="figure">${groups}</td>
      <td class="number">${formatReal(scale)}</td>
      ${hasZeros ? html`<td class="number">${zero === undefined ? "" : formatReal(zero)}</td>` : nothing}
    </tr>
  `;
  return html`
    <h3>${visibleText(term.label)}</h3>
    <p>${scaleSummary(term)}</p>
    <canvas class="scale-picture" role="img" aria-label=${t("Scales of {0}: rows down, groups across", visibleText(term.label))}></canvas>
    <canvas class="scale-legend" aria-hidden="true"></canvas>
    <details>
      <summary>${t("Largest and smallest scales as a table")}</summary>
      <table class="figures">
        <thead>
          <tr>
            <th scope="col">${t("Rows")}</th>
            <th scope="col">${t("Groups")}</th>
            <th scope="col" class="number">${t("Scale")}</th>
            ${hasZeros ? html`<th scope="col" class="number">${zeroLabel(term)}</th>` : nothing}
          </tr>
        </thead>
        <tbody>
          <tr><th scope="rowgroup" colspan=${hasZeros ? 4 : 3}>${t("Largest")}</th></tr>
          ${largest.map(row)}
          <tr><th scope="rowgroup" colspan=${hasZeros ? 4 : 3}>${t("Smallest")}</th></tr>
          ${smallest.map(row)}
        </tbody>
      </table>
    </details>
  `;
}
