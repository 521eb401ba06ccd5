import { cssColor } from "./color-ramp.js";
import { type MapContext, type MapScene, type TileLayer, windowRectangle } from "./draw-outlier-map.js";

/** More marks than this are a pattern, not places. */
const MOST_MARKERS = 4000;

/** A ring around every tile that holds an outlier, where there are few enough. */
export function drawOutlierMarkers(
  context: MapContext,
  layer: TileLayer,
  scene: MapScene,
): "none" | "marked" | "too-many" {
  const { picture } = layer;
  const counts = picture.outlierCount;
  if (counts === undefined) return "none";
  const { viewport, pixels, colors, line } = scene;
  let marked = 0;
  context.beginPath();
  for (let down = 0; down < picture.tilesDown; down++) {
    const row = picture.window.row + down * picture.tileRows;
    if (row + picture.tileRows <= viewport.row || row >= viewport.row + viewport.rows) continue;
    for (let across = 0; across < picture.tilesAcross; across++) {
      if (!(counts[down * picture.tilesAcross + across]! > 0)) continue;
      marked += 1;
      if (marked > MOST_MARKERS) continue;
      const column = picture.window.column + across * picture.tileColumns;
      const tile = windowRectangle(
        { row, rows: picture.tileRows, column, columns: picture.tileColumns },
        viewport,
        pixels,
      );
      const width = Math.max(tile.width, 5 * line);
      const height = Math.max(tile.height, 5 * line);
      context.rect(tile.x + (tile.width - width) / 2, tile.y + (tile.height - height) / 2, width, height);
    }
  }
  if (marked === 0) return "none";
  if (marked > MOST_MARKERS) return "too-many";
  context.lineWidth = line;
  context.strokeStyle = cssColor(colors.marker);
  context.stroke();
  return "marked";
}
