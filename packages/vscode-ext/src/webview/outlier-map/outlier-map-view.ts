import "./outlier-map.css";
import { render } from "lit";
import type { RequestFailure } from "../../protocol/envelope.js";
import type { Ask } from "../../protocol/rpc-client.js";
import type { MapPicture, MatrixWindow } from "../../protocol/tensor-messages.js";
import { failureOf } from "../failure-view.js";
import { formatCount, formatReal } from "../format-figures.js";
import { t } from "../texts.js";
import type { Theme } from "../theme.js";
import { createValueStore, loadQuietly, type ValueStore } from "../values/value-store.js";
import { visibleText } from "../visible-text.js";
import { rampColor } from "./color-ramp.js";
import { drawCellValues, hasRoomForValues } from "./draw-cell-values.js";
import { drawLegend, LEGEND_HEIGHT } from "./draw-legend.js";
import { drawMapInset, insetSize } from "./draw-map-inset.js";
import { drawOutlierMap, type MapContext, type MapScene, type TileLayer } from "./draw-outlier-map.js";
import { drawOutlierMarkers } from "./draw-outlier-markers.js";
import { drawExport, type ExportScene, exportSize } from "./export-map.js";
import { type MapColors, mapColors } from "./map-colors.js";
import { listenToMap, type MapGestures, steppedCell } from "./map-gestures.js";
import { countsOutliers, isAboutMagnitude, type MapInput, mapQuery, sameFigures, sameValues } from "./map-input.js";
import { type ColorScale, colorScale, scalePosition, scaleRamp, shadingLabel } from "./map-shading.js";
import { mapTemplate } from "./map-template.js";
import { type FigureUnit, figureText, type OutlierFacts, readoutText, tileAt, windowText } from "./map-text.js";
import {
  cellAt,
  centreOn,
  clampViewport,
  isWhole,
  type MatrixCell,
  type MatrixViewport,
  type PixelSize,
  panBy,
  reveal,
  visibleWindow,
  wholeMatrix,
  zoomAbout,
} from "./matrix-viewport.js";
import { tileLayer } from "./tile-canvas.js";
import { createTileLoader } from "./tile-loader.js";
import { tileRequest } from "./tile-request.js";

export interface MapViewOptions {
  readonly request: Ask;
  readonly theme: Theme;
  announce(text: string): void;
  /** For assistive technology: "Outlier map of model.layers.0.mlp.up_proj.weight". */
  readonly label: string;
  /** `data-testid` of the canvas; "outlier-map" when absent. */
  readonly testId?: string;
  /** Single values of the input, shared with other views; the map makes its own when absent. */
  readonly valuesOf?: (input: MapInput) => ValueStore;
  /** The user put the cursor on a cell. */
  onCursor?(cell: MatrixCell): void;
  /** What the canvas shows: nothing yet, a first picture, all. */
  onState?(state: MapState): void;
  /** The user moved or zoomed; what is shown now. */
  onViewport?(viewport: MatrixViewport): void;
}

export type MapState = "loading" | "coarse" | "complete" | "failed";

/** A map of one weight matrix that can be zoomed from the whole down to single weights. */
export interface MapView {
  update(input: MapInput): void;
  /** Shows nothing until the next input, and forgets where it was. */
  clear(): void;
  setLabel(label: string): void;
  /** Shows a cursor that another view has set; the map moves so that it is seen. */
  setCursor(cell: MatrixCell | undefined): void;
  setViewport(viewport: MatrixViewport): void;
  readonly viewport: MatrixViewport | undefined;
  /** Every cell of which a part is shown. */
  readonly window: MatrixWindow | undefined;
  /** What is shown, with title and legend, as the bytes of a PNG file. */
  toPng(title: readonly string[]): Promise<Uint8Array>;
  themeChanged(theme: Theme): void;
  dispose(): void;
}

const DETAIL_DELAY = 60;
const HOVER_DELAY = 90;
/** Canvas sizes are asked for in such steps, so that dragging the editor's border does not read the weight anew each time. */
const SIZE_STEP = 64;
const LEAST_HEIGHT = 72;
/** A matrix of few rows needs no tall canvas. */
const TALLEST_CELL = 64;
const MOST_HEIGHT = 560;

const NO_OUTLIERS: OutlierFacts = { threshold: undefined, count: undefined };

let lastHelpId = 0;

export function createMapView(container: HTMLElement, options: MapViewOptions): MapView {
  const { request, announce } = options;
  const helpId = `map-help-${++lastHelpId}`;
  const document = container.ownerDocument;
  const view = document.defaultView as Window & typeof globalThis;
  let { theme, label } = options;
  let input: MapInput | undefined;
  let viewport: MatrixViewport | undefined;
  let cursor: MatrixCell | undefined;
  let hovered: MatrixCell | undefined;
  let failure: RequestFailure | undefined;
  let colors: MapColors | undefined;
  let scale: ColorScale | undefined;
  // `shown` is the input that the pictures were made for: colours and words follow it, not what is still on its way.
  let shown: MapInput | undefined;
  let whole: MapPicture | undefined;
  let detail: MapPicture | undefined;
  let layers: TileLayer[] = [];
  let ownValues: { readonly input: MapInput; readonly store: ValueStore } | undefined;
  let markersHidden = false;
  let frame = 0;
  let hoverTimer: ReturnType<typeof setTimeout> | undefined;
  let width = 0;

  renderTemplate();
  const canvas = container.querySelector<HTMLCanvasElement>(".map-canvas")!;
  const legend = container.querySelector<HTMLCanvasElement>(".map-legend")!;
  const inset = container.querySelector<HTMLCanvasElement>(".map-inset")!;

  const wholeLoader = createTileLoader(request, {
    onPicture: (picture) => {
      if (shown === undefined || input === undefined || !sameFigures(shown, input)) detail = undefined;
      shown = input;
      whole = counted(picture);
      failure = undefined;
      repaint();
    },
    onFailure,
  });
  const detailLoader = createTileLoader(request, {
    onPicture: (picture) => {
      detail = counted(picture);
      failure = undefined;
      repaint();
    },
    onFailure,
  });

  /** Counts of a threshold that nobody set mean nothing. */
  function counted(picture: MapPicture): MapPicture {
    if (input !== undefined && countsOutliers(input)) return picture;
    const { outlierCount: _meaningless, ...rest } = picture;
    return rest;
  }

  function forgetPictures(): void {
    [whole, detail, shown, layers] = [undefined, undefined, undefined, []];
  }

  function onFailure(error: unknown): void {
    failure = failureOf(error);
    tellState();
    renderTemplate();
  }

  function size(): { rows: number; columns: number } {
    return { rows: input?.rows ?? 1, columns: input?.columns ?? 1 };
  }

  function cssPixels(): PixelSize {
    return { width: Math.max(width, 1), height: Math.max(canvas.clientHeight, 1) };
  }

  function ratio(): number {
    return Math.min(Math.max(view.devicePixelRatio || 1, 1), 3);
  }

  function values(): ValueStore | undefined {
    if (input === undefined) return undefined;
    if (options.valuesOf !== undefined) return options.valuesOf(input);
    if (ownValues === undefined || !sameValues(ownValues.input, input)) {
      ownValues?.store.dispose();
      ownValues = { input, store: createValueStore(input, request) };
    }
    return ownValues.store;
  }

  function unit(): FigureUnit {
    return { shading: shown?.shading ?? input?.shading ?? "sigma", std: shown?.std ?? 0 };
  }

  /** What words and table are about: the detail where there is one, else the whole. */
  function pictureShown(): MapPicture | undefined {
    return viewport !== undefined && !isWhole(viewport, size()) && detail !== undefined ? detail : whole;
  }

  function renderTemplate(): void {
    const at = hovered ?? cursor;
    const isAll = viewport === undefined || isWhole(viewport, size());
    const values_ = input === undefined ? undefined : values();
    render(
      mapTemplate({
        label,
        testId: options.testId ?? "outlier-map",
        helpId,
        position: positionText(),
        readout: at === undefined ? t("Point at a weight, or use the arrow keys.") : readout(at, values_),
        unit: unit(),
        outliers:
          shown !== undefined && isAboutMagnitude(shown)
            ? { threshold: shown.threshold, count: shown.outlierCount }
            : NO_OUTLIERS,
        // Words wait for the complete picture: they are not for a moment.
        picture: pictureShown()?.isCoarse === false ? pictureShown() : undefined,
        isWhole: isAll,
        markersHidden,
        failure,
        onRetry: () => {
          failure = undefined;
          wholeLoader.forget();
          detailLoader.forget();
          ask(0);
          renderTemplate();
        },
        onZoom: (factor) => gestures.zoom(factor),
        onWhole: () => gestures.showWhole(),
        onGo: (cell) => goTo(cell),
      }),
      container,
    );
  }

  function positionText(): string {
    if (viewport === undefined || input === undefined) return "";
    const [rows, columns] = [formatCount(size().rows), formatCount(size().columns)];
    const text = windowText(visibleWindow(viewport, size()));
    return isWhole(viewport, size())
      ? t("whole matrix, {0} × {1}", rows, columns)
      : t("{0} of {1} × {2}", text, rows, columns);
  }

  function readout(cell: MatrixCell, store: ValueStore | undefined): string {
    const picture = pictureShown();
    const tile = (picture === undefined ? undefined : tileAt(picture, cell)) ?? (whole && tileAt(whole, cell));
    return readoutText(cell, tile, store?.peek(cell.row, cell.column), unit());
  }

  function resize(): void {
    const box = container.querySelector<HTMLElement>(".map-frame")!;
    width = Math.max(1, box.clientWidth);
    const { rows, columns } = size();
    const most = Math.min(MOST_HEIGHT, rows * TALLEST_CELL, Math.max(240, view.innerHeight * 0.7));
    const height = Math.round(Math.max(LEAST_HEIGHT, Math.min((width * rows) / columns, most)));
    canvas.style.height = `${height}px`;
    const [pixelWidth, pixelHeight] = [Math.round(width * ratio()), Math.round(height * ratio())];
    if (canvas.width !== pixelWidth) canvas.width = pixelWidth;
    if (canvas.height !== pixelHeight) canvas.height = pixelHeight;
    const legendWidth = Math.round(legend.clientWidth * ratio());
    if (legend.width !== legendWidth) legend.width = legendWidth;
    legend.height = Math.round(LEGEND_HEIGHT * ratio());
    if (viewport !== undefined) viewport = clampViewport(viewport, size(), cssPixels());
    scheduleDraw();
  }

  /** Asks for what is shown at the canvas's resolution, and for the whole matrix, which lies under it. */
  function ask(delay: number): void {
    if (input === undefined || viewport === undefined || width === 0) return;
    const stepped = (pixels: number): number => Math.max(SIZE_STEP, Math.round(pixels / SIZE_STEP) * SIZE_STEP);
    const pixels = { width: stepped(canvas.width), height: stepped(canvas.height) };
    const wholeQuery = mapQuery(input, tileRequest(wholeMatrix(size()), size(), pixels));
    if (wholeQuery === undefined) {
      wholeLoader.forget();
      detailLoader.forget();
      return;
    }
    wholeLoader.want(wholeQuery, delay);
    if (isWhole(viewport, size())) {
      detailLoader.forget();
      return;
    }
    const detailQuery = mapQuery(input, tileRequest(viewport, size(), pixels));
    if (detailQuery !== undefined) detailLoader.want(detailQuery, delay);
  }

  /** Colours the pictures anew: other tiles, another scale, another theme. */
  function repaint(): void {
    if (shown === undefined || whole === undefined) return;
    const look = input !== undefined && sameFigures(input, shown) ? input : shown;
    shown = look;
    const before = { layers, look: JSON.stringify([colors, scale]) };
    colors = mapColors(look.colors, theme);
    const source = look.rangeOfWindow ? (pictureShown() ?? whole) : whole;
    scale = colorScale(look.shading, source, { logarithmic: look.logarithmic, std: look.std });
    const isSameLook = before.look === JSON.stringify([colors, scale]);
    layers = [whole, ...(detail === undefined ? [] : [detail])].map(
      (picture) =>
        (isSameLook && before.layers.find((layer) => layer.picture === picture)) ||
        tileLayer(picture, scale!, colors!, document),
    );
    scheduleDraw();
    renderTemplate();
  }

  function scheduleDraw(): void {
    if (frame === 0) frame = view.requestAnimationFrame(draw);
  }

  function scene(): MapScene | undefined {
    if (viewport === undefined || colors === undefined) return undefined;
    const pixels = { width: canvas.width, height: canvas.height };
    return { viewport, pixels, layers, colors, cursor, line: ratio() };
  }

  function drawOver(context: MapContext, what: MapScene): void {
    const top = layers.at(-1);
    const marked = shown?.markOutliers === true && top !== undefined ? drawOutlierMarkers(context, top, what) : "none";
    const tooMany = marked === "too-many";
    if (tooMany !== markersHidden) {
      markersHidden = tooMany;
      renderTemplate();
    }
    const store = values();
    const picture = pictureShown();
    if (store === undefined || picture === undefined || !hasRoomForValues(what)) return;
    const ramp = scaleRamp(scale!, colors!);
    drawCellValues(
      context,
      what,
      (row, column) => {
        const value = store.peek(row, column)?.value;
        return value === undefined ? undefined : formatReal(value);
      },
      (row, column) => {
        const value = tileAt(picture, { row, column })?.value;
        if (value === undefined || Number.isNaN(value)) return colors!.background;
        return rampColor(ramp, scalePosition(scale!, value));
      },
      fontFamily(),
    );
  }

  function fontFamily(): string {
    return theme.color("--vscode-editor-font-family", "monospace");
  }

  function draw(): void {
    frame = 0;
    const what = scene();
    const context = canvas.getContext("2d");
    if (what === undefined || context === null || viewport === undefined) return;
    const { row, rows, column, columns } = visibleWindow(viewport, size());
    canvas.dataset["window"] = [row, rows, column, columns].join();
    tellState();
    drawOutlierMap(context, what);
    drawOver(context, what);
    drawLegendBar();
    drawInset(what);
    if (hasRoomForValues(what)) void loadValues({ row, rows, column, columns });
  }

  function tellState(): void {
    const state = stateName();
    if (canvas.dataset["state"] === state) return;
    canvas.dataset["state"] = state;
    options.onState?.(state);
  }

  function stateName(): MapState {
    if (failure !== undefined) return "failed";
    const isAll = viewport === undefined || isWhole(viewport, size());
    const picture = isAll ? whole : detail;
    const isComing = isAll ? wholeLoader.isLoading : detailLoader.isLoading;
    if (picture === undefined || input === undefined || shown === undefined || !sameFigures(input, shown))
      return "loading";
    return picture.isCoarse || isComing ? "coarse" : "complete";
  }

  async function loadValues(window: MatrixWindow): Promise<void> {
    const store = values();
    if (store === undefined || store.has(window)) return;
    try {
      if (await loadQuietly(store, window)) {
        scheduleDraw();
        renderTemplate();
      }
    } catch (error) {
      onFailure(error);
    }
  }

  function drawLegendBar(): void {
    const context = legend.getContext("2d");
    if (context === null || scale === undefined || colors === undefined) return;
    context.clearRect(0, 0, legend.width, legend.height);
    drawLegend(context, {
      scale,
      colors,
      x: 0,
      y: 0,
      width: legend.width,
      line: ratio(),
      fontFamily: fontFamily(),
      formatValue: legendFigure,
    });
  }

  function legendFigure(value: number): string {
    return figureText(value * (scale?.unit ?? 1), unit());
  }

  function drawInset(what: MapScene): void {
    const base = layers[0];
    const context = inset.getContext("2d");
    if (base === undefined || context === null || isWhole(what.viewport, size())) return;
    const pixels = insetSize(size(), { width: canvas.clientWidth, height: canvas.clientHeight });
    // Out of the way of the cursor.
    inset.classList.toggle(
      "is-at-start",
      cursor !== undefined && cursor.column + 0.5 - what.viewport.column > 0.6 * what.viewport.columns,
    );
    inset.style.width = `${pixels.width}px`;
    inset.style.height = `${pixels.height}px`;
    inset.width = Math.round(pixels.width * ratio());
    inset.height = Math.round(pixels.height * ratio());
    drawMapInset(context, { ...what, pixels: { width: inset.width, height: inset.height }, layers: [base] }, size());
  }

  function show(next: MatrixViewport, byUser: boolean): void {
    viewport = clampViewport(next, size(), cssPixels());
    if (isWhole(viewport, size())) detail = undefined;
    ask(DETAIL_DELAY);
    if (shown?.rangeOfWindow === true || layers.length !== (detail === undefined ? 1 : 2)) repaint();
    scheduleDraw();
    renderTemplate();
    if (byUser) options.onViewport?.(viewport);
  }

  function goTo(cell: MatrixCell): void {
    if (viewport === undefined) return;
    const closer = { ...viewport, rows: viewport.rows / 8, columns: viewport.columns / 8 };
    const next = clampViewport(closer, size(), cssPixels());
    show(centreOn(next, cell, size(), cssPixels()), true);
    moveCursor(cell);
    canvas.focus();
  }

  function moveCursor(cell: MatrixCell, isQuiet = false): void {
    cursor = cell;
    hovered = undefined;
    if (viewport !== undefined) {
      const next = reveal(viewport, cell, size(), cssPixels());
      if (next.row !== viewport.row || next.column !== viewport.column) show(next, true);
    }
    scheduleDraw();
    renderTemplate();
    if (!isQuiet) options.onCursor?.(cell);
    void lookUp(cell, !isQuiet);
  }

  /** Gets the value of a cell and, for the cursor, says it. */
  async function lookUp(cell: MatrixCell, isSpoken: boolean): Promise<void> {
    const store = values();
    if (store === undefined) return;
    try {
      const isHere = await loadQuietly(store, { ...cell, rows: 1, columns: 1 });
      if (!isHere) return;
      renderTemplate();
      if (isSpoken && cursor === cell) announce(readout(cell, store));
    } catch (error) {
      onFailure(error);
    }
  }

  const gestures: MapGestures = {
    zoom(factor, at) {
      if (viewport === undefined) return;
      const middle = { x: 0.5, y: 0.5 };
      const from =
        at ??
        (cursor === undefined
          ? middle
          : {
              x: (cursor.column + 0.5 - viewport.column) / viewport.columns,
              y: (cursor.row + 0.5 - viewport.row) / viewport.rows,
            });
      const isInside = from.x >= 0 && from.x <= 1 && from.y >= 0 && from.y <= 1;
      show(zoomAbout(viewport, factor, isInside ? from : middle, size(), cssPixels()), true);
      if (at === undefined) announce(positionText());
    },
    showWhole() {
      show(wholeMatrix(size()), true);
      announce(positionText());
    },
    pan(share) {
      if (viewport !== undefined) show(panBy(viewport, share, size(), cssPixels()), true);
    },
    step(down, across) {
      if (viewport === undefined) return;
      const picture = pictureShown();
      const tile = { rows: picture?.tileRows ?? 1, columns: picture?.tileColumns ?? 1 };
      moveCursor(steppedCell(cursor, viewport, { down, across }, tile, size()));
    },
    stepTo(where) {
      const { rows, columns } = size();
      const row = where === "matrix-begin" ? 0 : where === "matrix-end" ? rows - 1 : (cursor?.row ?? 0);
      moveCursor({ row, column: where.endsWith("begin") ? 0 : columns - 1 });
    },
    place(at) {
      if (viewport !== undefined) moveCursor(cellAt(viewport, at, size()));
    },
    hover(at) {
      clearTimeout(hoverTimer);
      const cell = at === undefined || viewport === undefined ? undefined : cellAt(viewport, at, size());
      if (cell?.row === hovered?.row && cell?.column === hovered?.column) return;
      hovered = cell;
      renderTemplate();
      if (cell !== undefined) hoverTimer = setTimeout(() => void lookUp(cell, false), HOVER_DELAY);
    },
    tell() {
      if (cursor === undefined) gestures.step(0, 0);
      else void lookUp(cursor, true);
    },
  };

  const stopListening = listenToMap(canvas, gestures);
  const observer = new ResizeObserver(() => {
    resize();
    ask(200);
  });
  observer.observe(container.querySelector(".map-frame")!);

  return {
    update(next) {
      const before = input;
      input = next;
      if (before === undefined || !sameValues(before, next)) {
        const isSameShape = before !== undefined && before.rows === next.rows && before.columns === next.columns;
        if (!isSameShape) {
          // A viewport that was set before the first input is kept: it was restored.
          viewport = before === undefined && viewport !== undefined ? viewport : wholeMatrix(size());
          cursor = before === undefined ? cursor : undefined;
        }
        if (before !== undefined && before.name !== next.name) forgetPictures();
        failure = undefined;
      }
      resize();
      ask(before === undefined || !sameValues(before, next) || before.shading !== next.shading ? 0 : 150);
      if (shown !== undefined && sameFigures(shown, next)) repaint();
      scheduleDraw();
      renderTemplate();
    },
    clear() {
      wholeLoader.forget();
      detailLoader.forget();
      [input, viewport, cursor, hovered, failure] = [undefined, undefined, undefined, undefined, undefined];
      forgetPictures();
      canvas.getContext("2d")?.clearRect(0, 0, canvas.width, canvas.height);
      tellState();
      renderTemplate();
    },
    setLabel(next) {
      label = next;
      renderTemplate();
    },
    setCursor(cell) {
      if (cell === undefined || input === undefined) {
        cursor = cell;
        scheduleDraw();
        return;
      }
      if (cell.row !== cursor?.row || cell.column !== cursor.column) moveCursor(cell, true);
    },
    setViewport(next) {
      if (input === undefined) viewport = next;
      else show(next, false);
    },
    get viewport() {
      return viewport;
    },
    get window() {
      return viewport === undefined || input === undefined ? undefined : visibleWindow(viewport, size());
    },
    async toPng(title) {
      const map = scene();
      if (map === undefined || scale === undefined) throw new Error("There is no picture yet.");
      const exported: ExportScene = {
        map,
        title: [...title, `${shadingLabel(unit().shading)}, ${positionText()}`].map((line) => visibleText(line, 160)),
        scale,
        fontFamily: fontFamily(),
        formatValue: legendFigure,
        drawOver: (context) => drawOver(context, map),
      };
      const sheet = document.createElement("canvas");
      const { width: sheetWidth, height } = exportSize(exported);
      sheet.width = sheetWidth;
      sheet.height = height;
      drawExport(sheet.getContext("2d")!, exported);
      const blob = await new Promise<Blob | null>((done) => sheet.toBlob(done, "image/png"));
      if (blob === null) throw new Error("The picture could not be encoded.");
      return new Uint8Array(await blob.arrayBuffer());
    },
    themeChanged(next) {
      theme = next;
      repaint();
      scheduleDraw();
    },
    dispose() {
      observer.disconnect();
      stopListening();
      clearTimeout(hoverTimer);
      view.cancelAnimationFrame(frame);
      wholeLoader.forget();
      detailLoader.forget();
      ownValues?.store.dispose();
    },
  };
}
