import type { MatrixCell, MatrixViewport } from "./matrix-viewport.js";

/** What keys and pointers ask of a map. Shares are of what is shown. */
export interface MapGestures {
  zoom(factor: number, at?: { readonly x: number; readonly y: number }): void;
  showWhole(): void;
  pan(share: { readonly x: number; readonly y: number }): void;
  /** Moves the cursor by tiles. */
  step(down: number, across: number): void;
  stepTo(where: "row-begin" | "row-end" | "matrix-begin" | "matrix-end"): void;
  place(at: { readonly x: number; readonly y: number }): void;
  hover(at: { readonly x: number; readonly y: number } | undefined): void;
  /** Says the cursor's cell. */
  tell(): void;
}

/** One step of a button, a key or a double click. */
const ZOOM_STEP = 2;

const PAN_STEP = 0.25;
const DRAG_BEGINS = 4;
const WHEEL_PER_DOUBLE = 240;

/** Does what a key means; false where it means nothing here. */
export function mapKey(
  event: Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">,
  gestures: MapGestures,
): boolean {
  if (event.altKey || event.metaKey) return false;
  const arrows: Record<string, readonly [number, number]> = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
  };
  const arrow = arrows[event.key];
  if (arrow !== undefined) {
    if (event.shiftKey) gestures.pan({ x: arrow[1] * PAN_STEP, y: arrow[0] * PAN_STEP });
    else gestures.step(...arrow);
    return true;
  }
  switch (event.key) {
    case "+":
    case "=":
      if (event.ctrlKey) return false;
      gestures.zoom(ZOOM_STEP);
      return true;
    case "-":
    case "_":
      if (event.ctrlKey) return false;
      gestures.zoom(1 / ZOOM_STEP);
      return true;
    case "0":
      if (event.ctrlKey) return false;
      gestures.showWhole();
      return true;
    case "PageUp":
      gestures.pan({ x: 0, y: -1 });
      return true;
    case "PageDown":
      gestures.pan({ x: 0, y: 1 });
      return true;
    case "Home":
      gestures.stepTo(event.ctrlKey ? "matrix-begin" : "row-begin");
      return true;
    case "End":
      gestures.stepTo(event.ctrlKey ? "matrix-end" : "row-end");
      return true;
    case "Enter":
    case " ":
      gestures.tell();
      return true;
    default:
      return false;
  }
}

/** Listens to a canvas: keys, wheel, drag, click, double click. Returns what ends it. */
export function listenToMap(canvas: HTMLElement, gestures: MapGestures): () => void {
  const aborter = new AbortController();
  const { signal } = aborter;
  let drag: { readonly id: number; x: number; y: number; moved: boolean } | undefined;

  const at = (event: MouseEvent): { x: number; y: number } => {
    const box = canvas.getBoundingClientRect();
    const share = (value: number, length: number): number => Math.max(0, Math.min(length > 0 ? value / length : 0, 1));
    return { x: share(event.clientX - box.left, box.width), y: share(event.clientY - box.top, box.height) };
  };

  canvas.addEventListener(
    "keydown",
    (event) => {
      if (mapKey(event, gestures)) event.preventDefault();
    },
    { signal },
  );
  canvas.addEventListener(
    "wheel",
    (event) => {
      // A page must be scrollable past a map: the wheel zooms once the map has the focus, or with Ctrl, as a pinch sends it.
      const isMeant = event.ctrlKey || event.metaKey || canvas.ownerDocument.activeElement === canvas;
      if (!isMeant || event.deltaY === 0) return;
      event.preventDefault();
      const pixels =
        event.deltaMode === 1 ? event.deltaY * 16 : event.deltaMode === 2 ? event.deltaY * 400 : event.deltaY;
      gestures.zoom(2 ** (-Math.max(-480, Math.min(pixels, 480)) / WHEEL_PER_DOUBLE), at(event));
    },
    { signal, passive: false },
  );
  canvas.addEventListener(
    "pointerdown",
    (event) => {
      if (event.button !== 0) return;
      drag = { id: event.pointerId, x: event.clientX, y: event.clientY, moved: false };
      canvas.setPointerCapture(event.pointerId);
    },
    { signal },
  );
  canvas.addEventListener(
    "pointermove",
    (event) => {
      if (drag === undefined) {
        gestures.hover(at(event));
        return;
      }
      const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
      if (!drag.moved && Math.hypot(dx, dy) < DRAG_BEGINS) return;
      const box = canvas.getBoundingClientRect();
      drag = { ...drag, x: event.clientX, y: event.clientY, moved: true };
      gestures.pan({ x: -dx / Math.max(box.width, 1), y: -dy / Math.max(box.height, 1) });
    },
    { signal },
  );
  canvas.addEventListener(
    "pointerup",
    (event) => {
      const ended = drag;
      drag = undefined;
      if (ended !== undefined && !ended.moved) gestures.place(at(event));
    },
    { signal },
  );
  canvas.addEventListener("pointercancel", () => (drag = undefined), { signal });
  canvas.addEventListener("pointerleave", () => gestures.hover(undefined), { signal });
  canvas.addEventListener("dblclick", (event) => gestures.zoom(ZOOM_STEP, at(event)), { signal });
  return () => aborter.abort();
}

/** The cell that a step of tiles leads to. From no cursor it leads to the middle of what is shown. */
export function steppedCell(
  cursor: MatrixCell | undefined,
  viewport: MatrixViewport,
  step: { readonly down: number; readonly across: number },
  tile: { readonly rows: number; readonly columns: number },
  size: { readonly rows: number; readonly columns: number },
): MatrixCell {
  const inside = (value: number, length: number): number => Math.max(0, Math.min(Math.floor(value), length - 1));
  if (cursor === undefined) {
    return {
      row: inside(viewport.row + viewport.rows / 2, size.rows),
      column: inside(viewport.column + viewport.columns / 2, size.columns),
    };
  }
  return {
    row: inside(cursor.row + step.down * tile.rows, size.rows),
    column: inside(cursor.column + step.across * tile.columns, size.columns),
  };
}
