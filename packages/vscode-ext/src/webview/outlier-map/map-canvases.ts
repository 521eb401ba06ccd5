import { formatReal } from "../format-figures.js";
import type { ValueStore } from "../values/value-store.js";
import { visibleText } from "../visible-text.js";
import { rampColor } from "./color-ramp.js";
import { drawCellValues, hasRoomForValues } from "./draw-cell-values.js";
import { drawLegend, LEGEND_HEIGHT } from "./draw-legend.js";
import { drawMapInset, insetSize } from "./draw-map-inset.js";
import { drawOutlierMap, type MapContext, type MapScene } from "./draw-outlier-map.js";
import { drawOutlierMarkers } from "./draw-outlier-markers.js";
import { drawExport, type ExportScene, exportSize } from "./export-map.js";
import type { MapPictures, MapSituation } from "./map-pictures.js";
import { scalePosition, scaleRamp } from "./map-shading.js";
import { type FigureUnit, figureText, tileAt } from "./map-text.js";
import { isWhole, type MatrixCell, type PixelSize } from "./matrix-viewport.js";

const LEAST_HEIGHT = 72;
/** A matrix of few rows needs no tall canvas. */
const TALLEST_CELL = 64;
const MOST_HEIGHT = 560;

/** What lies on top of the pictures. */
export interface MapMarks extends MapSituation {
  readonly cursor: MatrixCell | undefined;
  readonly unit: FigureUnit;
  /** Single values, written into the cells where there is room. */
  readonly values: ValueStore | undefined;
}

/** The three canvases of a map: the map itself, its legend, and the small one that shows where in the matrix one is. */
export class MapCanvases {
  readonly map: HTMLCanvasElement;
  readonly #legend: HTMLCanvasElement;
  readonly #inset: HTMLCanvasElement;
  readonly #frame: HTMLElement;
  readonly #view: Window;
  readonly #pictures: MapPictures;
  readonly #marks: () => MapMarks;
  /** There were too many outliers to mark them one by one. */
  markersHidden = false;
  #width = 0;

  /** The container holds what `mapTemplate` rendered. */
  constructor(container: HTMLElement, pictures: MapPictures, marks: () => MapMarks) {
    this.map = container.querySelector<HTMLCanvasElement>(".map-canvas")!;
    this.#legend = container.querySelector<HTMLCanvasElement>(".map-legend")!;
    this.#inset = container.querySelector<HTMLCanvasElement>(".map-inset")!;
    this.#frame = container.querySelector<HTMLElement>(".map-frame")!;
    this.#view = container.ownerDocument.defaultView!;
    this.#pictures = pictures;
    this.#marks = marks;
  }

  /** False until the map has a place on the page. */
  get hasSize(): boolean {
    return this.#width > 0;
  }

  /** Of the map, in CSS pixels. */
  get size(): PixelSize {
    return { width: Math.max(this.#width, 1), height: Math.max(this.map.clientHeight, 1) };
  }

  /** As high as the matrix asks for at the width that the page gives. */
  resize({ rows, columns }: { readonly rows: number; readonly columns: number }): void {
    this.#width = Math.max(1, this.#frame.clientWidth);
    const most = Math.min(MOST_HEIGHT, rows * TALLEST_CELL, Math.max(240, this.#view.innerHeight * 0.7));
    const height = Math.round(Math.max(LEAST_HEIGHT, Math.min((this.#width * rows) / columns, most)));
    this.map.style.height = `${height}px`;
    const ratio = this.#ratio;
    setSize(this.map, { width: Math.round(this.#width * ratio), height: Math.round(height * ratio) });
    setSize(this.#legend, {
      width: Math.round(this.#legend.clientWidth * ratio),
      height: Math.round(LEGEND_HEIGHT * ratio),
    });
  }

  /** Undefined while there is nothing to draw. */
  scene(): MapScene | undefined {
    const { viewport, cursor } = this.#marks();
    const { colors, layers } = this.#pictures;
    if (viewport === undefined || colors === undefined) return undefined;
    const pixels = { width: this.map.width, height: this.map.height };
    return { viewport, pixels, layers, colors, cursor, line: this.#ratio };
  }

  draw(scene: MapScene): void {
    const context = this.map.getContext("2d");
    if (context === null) return;
    drawOutlierMap(context, scene);
    this.#drawOver(context, scene);
    this.#drawLegend(scene);
    this.#drawInset(scene);
  }

  clear(): void {
    this.map.getContext("2d")?.clearRect(0, 0, this.map.width, this.map.height);
  }

  /** What is shown, under a title and over its legend, as the bytes of a PNG file. */
  async toPng(title: readonly string[]): Promise<Uint8Array> {
    const map = this.scene();
    const { scale } = this.#pictures;
    if (map === undefined || scale === undefined) throw new Error("There is no picture yet.");
    const exported: ExportScene = {
      map,
      title: title.map((line) => visibleText(line, 160)),
      scale,
      fontFamily: this.#fontFamily,
      formatValue: (value) => this.#legendFigure(value),
      drawOver: (context) => this.#drawOver(context, map),
    };
    const sheet = this.map.ownerDocument.createElement("canvas");
    setSize(sheet, exportSize(exported));
    drawExport(sheet.getContext("2d")!, exported);
    const blob = await new Promise<Blob | null>((done) => sheet.toBlob(done, "image/png"));
    if (blob === null) throw new Error("The picture could not be encoded.");
    return new Uint8Array(await blob.arrayBuffer());
  }

  get #ratio(): number {
    return Math.min(Math.max(this.#view.devicePixelRatio || 1, 1), 3);
  }

  get #fontFamily(): string {
    return this.#marks().theme.color("--vscode-editor-font-family", "monospace");
  }

  #legendFigure(value: number): string {
    return figureText(value * (this.#pictures.scale?.unit ?? 1), this.#marks().unit);
  }

  #drawOver(context: MapContext, scene: MapScene): void {
    const { look, layers, current, scale } = this.#pictures;
    const top = layers.at(-1);
    this.markersHidden =
      look?.markOutliers === true && top !== undefined && drawOutlierMarkers(context, top, scene) === "too-many";
    const { values } = this.#marks();
    if (values === undefined || current === undefined || scale === undefined || !hasRoomForValues(scene)) return;
    const { colors } = scene;
    const ramp = scaleRamp(scale, colors);
    drawCellValues(
      context,
      scene,
      (row, column) => {
        const value = values.peek(row, column)?.value;
        return value === undefined ? undefined : formatReal(value);
      },
      (row, column) => {
        const value = tileAt(current, { row, column })?.value;
        if (value === undefined || Number.isNaN(value)) return colors.background;
        return rampColor(ramp, scalePosition(scale, value));
      },
      this.#fontFamily,
    );
  }

  #drawLegend({ colors, line }: MapScene): void {
    const context = this.#legend.getContext("2d");
    const { scale } = this.#pictures;
    if (context === null || scale === undefined) return;
    const { width, height } = this.#legend;
    context.clearRect(0, 0, width, height);
    const formatValue = (value: number): string => this.#legendFigure(value);
    drawLegend(context, { scale, colors, x: 0, y: 0, width, line, fontFamily: this.#fontFamily, formatValue });
  }

  #drawInset(scene: MapScene): void {
    const { input, cursor } = this.#marks();
    const { viewport } = scene;
    const base = this.#pictures.layers[0];
    const inset = this.#inset;
    const context = inset.getContext("2d");
    if (input === undefined || base === undefined || context === null || isWhole(viewport, input)) return;
    const { width, height } = insetSize(input, { width: this.map.clientWidth, height: this.map.clientHeight });
    // Out of the way of the cursor.
    const isCursorAtEnd = cursor !== undefined && cursor.column + 0.5 - viewport.column > 0.6 * viewport.columns;
    inset.classList.toggle("is-at-start", isCursorAtEnd);
    inset.style.width = `${width}px`;
    inset.style.height = `${height}px`;
    setSize(inset, { width: Math.round(width * this.#ratio), height: Math.round(height * this.#ratio) });
    drawMapInset(context, { ...scene, pixels: { width: inset.width, height: inset.height }, layers: [base] }, input);
  }
}

/** A canvas that is given the size that it has would be emptied. */
function setSize(canvas: HTMLCanvasElement, { width, height }: PixelSize): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}
