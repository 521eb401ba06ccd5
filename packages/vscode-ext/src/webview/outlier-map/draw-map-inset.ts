import { cssColor } from "./color-ramp.js";
import { drawOutlierMap, type MapContext, type MapScene, windowRectangle } from "./draw-outlier-map.js";
import { type MatrixSize, type PixelSize, wholeMatrix } from "./matrix-viewport.js";

/** The small picture of the whole matrix: at most a fifth of the map's width and a third of its height, in CSS pixels. */
export function insetSize(size: MatrixSize, map: PixelSize): PixelSize {
  const [mostWidth, mostHeight] = [Math.max(24, map.width / 5), Math.max(16, map.height / 3)];
  const shape = size.columns / size.rows;
  const width = Math.min(mostWidth, mostHeight * shape);
  return {
    width: Math.max(12, Math.round(width)),
    height: Math.max(8, Math.round(Math.min(mostHeight, width / shape))),
  };
}

/** Draws the whole matrix with a frame around what the map shows. `scene.pixels` is the size of the inset. */
export function drawMapInset(context: MapContext, scene: MapScene, size: MatrixSize): void {
  const { viewport: framed, pixels, colors, line } = scene;
  const viewport = wholeMatrix(size);
  drawOutlierMap(context, { ...scene, viewport, cursor: undefined });
  const { x, y, width, height } = windowRectangle(framed, viewport, pixels);
  const wide = Math.max(width, 3 * line);
  const high = Math.max(height, 3 * line);
  context.lineWidth = 3 * line;
  context.strokeStyle = cssColor(colors.background);
  context.strokeRect(x, y, wide, high);
  context.lineWidth = line;
  context.strokeStyle = cssColor(colors.marker);
  context.strokeRect(x, y, wide, high);
}
