import "./outlier-map.css";
import { render } from "lit";
import type { RequestFailure } from "../../protocol/envelope.js";
import { failureOf } from "../failure-view.js";
import { formatCount } from "../format-figures.js";
import { t } from "../texts.js";
import { createValueStore, loadQuietly, type ValueStore } from "../values/value-store.js";
import { hasRoomForValues } from "./draw-cell-values.js";
import { MapCanvases } from "./map-canvases.js";
import { listenToMap, type MapGestures, steppedCell } from "./map-gestures.js";
import { isAboutMagnitude, type MapInput, sameFigures, sameValues } from "./map-input.js";
import { MapPictures } from "./map-pictures.js";
import { largestTile, shadingLabel } from "./map-shading.js";
import { mapTemplate } from "./map-template.js";
import { type FigureUnit, type OutlierFacts, readoutText, tileAt, windowText } from "./map-text.js";
import type { MapState, MapView, MapViewOptions } from "./map-view.js";
import {
  cellAt,
  centreOn,
  clampViewport,
  isWhole,
  type MatrixCell,
  type MatrixSize,
  type MatrixViewport,
  panBy,
  reveal,
  visibleWindow,
  wholeMatrix,
  zoomAbout,
} from "./matrix-viewport.js";

const DETAIL_DELAY = 60;
const HOVER_DELAY = 90;
const RESIZE_DELAY = 200;
const CHANGE_DELAY = 150;
/** Going to a tile shows so many times fewer rows and columns. */
const CLOSER = 8;

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
  let ownValues: { readonly input: MapInput; readonly store: ValueStore } | undefined;
  let frame = 0;
  let hoverTimer: ReturnType<typeof setTimeout> | undefined;
  let markersHidden = false;

  const pictures = new MapPictures(request, document, () => ({ input, viewport, theme }), {
    onPicture(picture, isOfWhole) {
      failure = undefined;
      if (isOfWhole && !picture.isCoarse) options.onLargestTile?.(largestTile(picture));
    },
    onColored: () => changed(),
    onFailure,
  });
  renderTemplate();
  const canvases = new MapCanvases(container, pictures, () => {
    return { input, viewport, theme, cursor, unit: unit(), values: values() };
  });
  const canvas = canvases.map;

  function onFailure(error: unknown): void {
    failure = failureOf(error);
    tellState();
    renderTemplate();
  }

  function size(): MatrixSize {
    return { rows: input?.rows ?? 1, columns: input?.columns ?? 1 };
  }

  function isAllShown(): boolean {
    return viewport === undefined || isWhole(viewport, size());
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
    const { look } = pictures;
    return { shading: look?.shading ?? input?.shading ?? "sigma", std: look?.std ?? 0 };
  }

  function changed(): void {
    scheduleDraw();
    renderTemplate();
  }

  function renderTemplate(): void {
    const at = hovered ?? cursor;
    const { look, current } = pictures;
    render(
      mapTemplate({
        label,
        testId: options.testId ?? "outlier-map",
        helpId,
        position: positionText(),
        readout: at === undefined ? t("Point at a weight, or use the arrow keys.") : readout(at, values()),
        unit: unit(),
        outliers:
          look !== undefined && isAboutMagnitude(look)
            ? { threshold: look.threshold, count: look.outlierCount }
            : NO_OUTLIERS,
        // Words wait for the complete picture: they are not for a moment.
        picture: current?.isCoarse === false ? current : undefined,
        isWhole: isAllShown(),
        markersHidden,
        failure,
        onRetry: () => {
          failure = undefined;
          pictures.stopAsking();
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
    const [rows, columns] = [formatCount(input.rows), formatCount(input.columns)];
    return isAllShown()
      ? t("whole matrix, {0} × {1}", rows, columns)
      : t("{0} of {1} × {2}", windowText(visibleWindow(viewport, input)), rows, columns);
  }

  function readout(cell: MatrixCell, store: ValueStore | undefined): string {
    const { current, whole } = pictures;
    const tile = (current && tileAt(current, cell)) ?? (whole && tileAt(whole, cell));
    return readoutText(cell, tile, store?.peek(cell.row, cell.column), unit());
  }

  function resize(): void {
    canvases.resize(size());
    if (viewport !== undefined) viewport = clampViewport(viewport, size(), canvases.size);
    scheduleDraw();
  }

  function ask(delay: number): void {
    if (canvases.hasSize) pictures.ask(canvas, delay);
  }

  function scheduleDraw(): void {
    if (frame === 0) frame = view.requestAnimationFrame(draw);
  }

  function draw(): void {
    frame = 0;
    const scene = canvases.scene();
    if (scene === undefined || viewport === undefined) return;
    const window = visibleWindow(viewport, size());
    canvas.dataset["window"] = [window.row, window.rows, window.column, window.columns].join();
    tellState();
    canvases.draw(scene);
    if (canvases.markersHidden !== markersHidden) {
      markersHidden = canvases.markersHidden;
      renderTemplate();
    }
    const store = values();
    if (store !== undefined && hasRoomForValues(scene) && !store.has(window))
      void whenLoaded(store, { ...window }, changed);
  }

  function tellState(): void {
    const state: MapState = failure === undefined ? pictures.state : "failed";
    if (canvas.dataset["state"] === state) return;
    canvas.dataset["state"] = state;
    options.onState?.(state);
  }

  function show(next: MatrixViewport, byUser: boolean): void {
    viewport = clampViewport(next, size(), canvases.size);
    ask(DETAIL_DELAY);
    pictures.followViewport();
    changed();
    if (byUser) options.onViewport?.(viewport);
  }

  function goTo(cell: MatrixCell): void {
    if (viewport === undefined) return;
    const closer = { ...viewport, rows: viewport.rows / CLOSER, columns: viewport.columns / CLOSER };
    const next = clampViewport(closer, size(), canvases.size);
    show(centreOn(next, cell, size(), canvases.size), true);
    moveCursor(cell);
    canvas.focus();
  }

  function moveCursor(cell: MatrixCell, isQuiet = false): void {
    cursor = cell;
    hovered = undefined;
    if (viewport !== undefined) {
      const next = reveal(viewport, cell, size(), canvases.size);
      if (next.row !== viewport.row || next.column !== viewport.column) show(next, true);
    }
    changed();
    if (!isQuiet) options.onCursor?.(cell);
    lookUp(cell, !isQuiet);
  }

  /** Gets the value of a cell and, for the cursor, says it. */
  function lookUp(cell: MatrixCell, isSpoken: boolean): void {
    const store = values();
    if (store === undefined) return;
    void whenLoaded(store, { ...cell, rows: 1, columns: 1 }, () => {
      renderTemplate();
      if (isSpoken && cursor === cell) announce(readout(cell, store));
    });
  }

  async function whenLoaded(
    store: ValueStore,
    window: Parameters<ValueStore["load"]>[0],
    then: () => void,
  ): Promise<void> {
    try {
      if (await loadQuietly(store, window)) then();
    } catch (error) {
      onFailure(error);
    }
  }

  const gestures: MapGestures = {
    zoom(factor, at) {
      if (viewport === undefined) return;
      const about = at ?? shareOf(cursor, viewport);
      show(zoomAbout(viewport, factor, about, size(), canvases.size), true);
      if (at === undefined) announce(positionText());
    },
    showWhole() {
      show(wholeMatrix(size()), true);
      announce(positionText());
    },
    pan(share) {
      if (viewport !== undefined) show(panBy(viewport, share, size(), canvases.size), true);
    },
    step(down, across) {
      if (viewport === undefined) return;
      const { current } = pictures;
      const tile = { rows: current?.tileRows ?? 1, columns: current?.tileColumns ?? 1 };
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
      if (cell !== undefined) hoverTimer = setTimeout(() => lookUp(cell, false), HOVER_DELAY);
    },
    tell() {
      if (cursor === undefined) gestures.step(0, 0);
      else lookUp(cursor, true);
    },
  };

  const stopListening = listenToMap(canvas, gestures);
  const observer = new ResizeObserver(() => {
    resize();
    ask(RESIZE_DELAY);
  });
  observer.observe(container.querySelector(".map-frame")!);

  return {
    update(next) {
      const before = input;
      const isOther = before === undefined || !sameValues(before, next);
      input = next;
      if (isOther) {
        const isSameShape = before?.rows === next.rows && before.columns === next.columns;
        if (!isSameShape) {
          // A viewport that was set before the first input is kept: it was restored.
          viewport = before === undefined && viewport !== undefined ? viewport : wholeMatrix(next);
          cursor = before === undefined ? cursor : undefined;
        }
        if (before !== undefined && before.name !== next.name) pictures.clear();
        failure = undefined;
      }
      resize();
      ask(isOther || before.shading !== next.shading ? 0 : CHANGE_DELAY);
      if (pictures.look !== undefined && sameFigures(pictures.look, next)) pictures.recolor();
      changed();
    },
    clear() {
      pictures.stopAsking();
      [input, viewport, cursor, hovered, failure] = [undefined, undefined, undefined, undefined, undefined];
      pictures.clear();
      canvases.clear();
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
      return viewport === undefined || input === undefined ? undefined : visibleWindow(viewport, input);
    },
    toPng: (title) => canvases.toPng([...title, `${shadingLabel(unit().shading)}, ${positionText()}`]),
    themeChanged(next) {
      theme = next;
      pictures.recolor();
      scheduleDraw();
    },
    dispose() {
      observer.disconnect();
      stopListening();
      clearTimeout(hoverTimer);
      view.cancelAnimationFrame(frame);
      pictures.stopAsking();
      ownValues?.store.dispose();
    },
  };
}

/** Where the cursor stands in what is shown; the middle where it stands nowhere. */
function shareOf(cursor: MatrixCell | undefined, viewport: MatrixViewport): { readonly x: number; readonly y: number } {
  const middle = { x: 0.5, y: 0.5 };
  if (cursor === undefined) return middle;
  const x = (cursor.column + 0.5 - viewport.column) / viewport.columns;
  const y = (cursor.row + 0.5 - viewport.row) / viewport.rows;
  return x >= 0 && x <= 1 && y >= 0 && y <= 1 ? { x, y } : middle;
}
