import { cssColor, rampColor } from "./color-ramp.js";
import type { MapContext } from "./draw-outlier-map.js";
import type { MapColors } from "./map-colors.js";
import { type ColorScale, scaleMarks, scaleRamp } from "./map-shading.js";

export interface LegendScene {
  readonly scale: ColorScale;
  readonly colors: MapColors;
  /** Place and size in pixels of the canvas. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly line: number;
  readonly fontFamily: string;
  readonly formatValue: (value: number) => string;
}

/** Height in CSS pixels: bar, marks, numbers. */
export const LEGEND_HEIGHT = 34;

const BAR_HEIGHT = 12;

/** A bar of the colours, with numbers at even distances under it. */
export function drawLegend(context: MapContext, scene: LegendScene): void {
  const { scale, colors, x, y, width, line } = scene;
  const ramp = scaleRamp(scale, colors);
  const steps = Math.max(1, Math.min(256, Math.floor(width)));
  for (let step = 0; step < steps; step++) {
    context.fillStyle = cssColor(rampColor(ramp, steps === 1 ? 0 : step / (steps - 1)));
    const from = Math.round((step * width) / steps);
    const to = Math.round(((step + 1) * width) / steps);
    context.fillRect(x + from, y, to - from, BAR_HEIGHT * line);
  }
  context.strokeStyle = cssColor(colors.foreground);
  context.lineWidth = line;
  context.strokeRect(x + line / 2, y + line / 2, width - line, BAR_HEIGHT * line - line);
  context.font = `${11 * line}px ${scene.fontFamily}`;
  context.textBaseline = "top";
  context.fillStyle = cssColor(colors.foreground);
  const marks = scaleMarks(scale, width < 240 * line ? 3 : 5);
  for (const { position, value } of marks) {
    const at = x + position * width;
    context.fillRect(Math.round(Math.min(at, x + width - line)), y + BAR_HEIGHT * line, line, 4 * line);
    context.textAlign = position === 0 ? "left" : position === 1 ? "right" : "center";
    context.fillText(scene.formatValue(value), at, y + (BAR_HEIGHT + 7) * line);
  }
}
