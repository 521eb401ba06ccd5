import { type Color, cssColor, inkOn } from "./color-ramp.js";
import { type MapContext, type MapScene, windowRectangle } from "./draw-outlier-map.js";
import { visibleWindow } from "./matrix-viewport.js";

/** From this size on, in CSS pixels, a number fits into a cell. */
const LEAST_WIDTH = 46;
const LEAST_HEIGHT = 14;

/** True when cells are large enough for their numbers. */
export function hasRoomForValues({ viewport, pixels, line }: Pick<MapScene, "viewport" | "pixels" | "line">): boolean {
  return pixels.width / viewport.columns >= LEAST_WIDTH * line && pixels.height / viewport.rows >= LEAST_HEIGHT * line;
}

/** Writes every known value into its cell, in black or white by the colour of the cell. */
export function drawCellValues(
  context: MapContext,
  scene: MapScene,
  textAt: (row: number, column: number) => string | undefined,
  colorAt: (row: number, column: number) => Color,
  fontFamily: string,
): void {
  const { viewport, pixels, line } = scene;
  const window = visibleWindow(viewport, { rows: Number.MAX_SAFE_INTEGER, columns: Number.MAX_SAFE_INTEGER });
  context.font = `${11 * line}px ${fontFamily}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (let row = window.row; row < window.row + window.rows; row++) {
    for (let column = window.column; column < window.column + window.columns; column++) {
      const text = textAt(row, column);
      if (text === undefined) continue;
      const at = windowRectangle({ row, rows: 1, column, columns: 1 }, viewport, pixels);
      context.fillStyle = cssColor(inkOn(colorAt(row, column)));
      context.fillText(text, at.x + at.width / 2, at.y + at.height / 2, at.width - 4 * line);
    }
  }
}
