import type { MapPicture, MatrixWindow } from "../../protocol/tensor-messages.js";
import { cssColor } from "./color-ramp.js";
import type { MapColors } from "./map-colors.js";
import type { MatrixCell, MatrixViewport, PixelSize } from "./matrix-viewport.js";

/** What is used of a canvas; tests record the calls. */
export type MapContext = Pick<
  CanvasRenderingContext2D,
  | "fillStyle"
  | "strokeStyle"
  | "lineWidth"
  | "imageSmoothingEnabled"
  | "globalAlpha"
  | "font"
  | "textAlign"
  | "textBaseline"
  | "fillRect"
  | "strokeRect"
  | "drawImage"
  | "fillText"
  | "beginPath"
  | "rect"
  | "moveTo"
  | "lineTo"
  | "fill"
  | "stroke"
  | "save"
  | "restore"
  | "clip"
>;

/** Painted tiles: a canvas of one pixel a tile, and where they belong. */
export interface TileLayer {
  readonly picture: MapPicture;
  readonly image: CanvasImageSource;
  /** Some tiles are transparent: they hold no finite value. */
  readonly hasHoles: boolean;
}

export interface MapScene {
  readonly viewport: MatrixViewport;
  /** Of the canvas, in device pixels. */
  readonly pixels: PixelSize;
  /** From the back to the front: the whole matrix, then what is shown in detail. */
  readonly layers: readonly TileLayer[];
  readonly colors: MapColors;
  readonly cursor?: MatrixCell | undefined;
  /** Width of a line: the device pixel ratio. */
  readonly line: number;
}

/** A rectangle in device pixels. */
export interface PixelRectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where cells lie on the canvas. */
export function windowRectangle(window: MatrixWindow, viewport: MatrixViewport, pixels: PixelSize): PixelRectangle {
  const across = pixels.width / viewport.columns;
  const down = pixels.height / viewport.rows;
  return {
    x: (window.column - viewport.column) * across,
    y: (window.row - viewport.row) * down,
    width: window.columns * across,
    height: window.rows * down,
  };
}

/**
 * Draws the layers scaled into the viewport, without smoothing: a tile is a crisp rectangle. The last tiles of a picture may
 * cover fewer cells; their image is drawn as if they did not, and cut off at the border of the window.
 */
export function drawOutlierMap(context: MapContext, scene: MapScene): void {
  const { pixels, viewport, colors, layers } = scene;
  context.fillStyle = cssColor(colors.background);
  context.fillRect(0, 0, pixels.width, pixels.height);
  context.imageSmoothingEnabled = false;
  for (const layer of layers) drawLayer(context, layer, scene);
  if (scene.cursor !== undefined) drawCursor(context, scene.cursor, viewport, pixels, colors, scene.line);
}

function drawLayer(context: MapContext, layer: TileLayer, scene: MapScene): void {
  const { viewport, pixels, colors, line } = scene;
  const { picture } = layer;
  const shown = windowRectangle(picture.window, viewport, pixels);
  const tiles = windowRectangle(
    {
      ...picture.window,
      rows: picture.tilesDown * picture.tileRows,
      columns: picture.tilesAcross * picture.tileColumns,
    },
    viewport,
    pixels,
  );
  context.save();
  context.beginPath();
  context.rect(shown.x, shown.y, shown.width, shown.height);
  context.clip();
  if (layer.hasHoles) hatch(context, clipTo(shown, pixels), colors, line);
  context.drawImage(layer.image, tiles.x, tiles.y, tiles.width, tiles.height);
  context.restore();
}

/** Stripes behind transparent tiles: "no finite value" is told by a pattern, not by a colour. */
function hatch(context: MapContext, { x, y, width, height }: PixelRectangle, colors: MapColors, line: number): void {
  context.fillStyle = cssColor(colors.background);
  context.fillRect(x, y, width, height);
  context.strokeStyle = cssColor(colors.marker);
  context.lineWidth = line;
  context.beginPath();
  const step = 6 * line;
  for (let at = -height; at < width; at += step) {
    context.moveTo(x + at, y + height);
    context.lineTo(x + at + height, y);
  }
  context.stroke();
}

/** Two frames, one in the focus colour and one in the background's, so that one of them is seen on any tile. */
function drawCursor(
  context: MapContext,
  cell: MatrixCell,
  viewport: MatrixViewport,
  pixels: PixelSize,
  colors: MapColors,
  line: number,
): void {
  const at = windowRectangle({ row: cell.row, rows: 1, column: cell.column, columns: 1 }, viewport, pixels);
  // At least as large as can be seen when a cell is less than a pixel.
  const width = Math.max(at.width, 9 * line);
  const height = Math.max(at.height, 9 * line);
  const x = at.x + (at.width - width) / 2;
  const y = at.y + (at.height - height) / 2;
  context.lineWidth = 2 * line;
  context.strokeStyle = cssColor(colors.background);
  context.strokeRect(x - line, y - line, width + 2 * line, height + 2 * line);
  context.strokeStyle = cssColor(colors.focus);
  context.strokeRect(x + line, y + line, Math.max(width - 2 * line, line), Math.max(height - 2 * line, line));
}

function clipTo({ x, y, width, height }: PixelRectangle, pixels: PixelSize): PixelRectangle {
  const left = Math.max(0, x);
  const top = Math.max(0, y);
  return {
    x: left,
    y: top,
    width: Math.max(0, Math.min(x + width, pixels.width) - left),
    height: Math.max(0, Math.min(y + height, pixels.height) - top),
  };
}
