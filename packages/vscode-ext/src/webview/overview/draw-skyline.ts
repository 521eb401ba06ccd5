import type { SkylineLayout } from "./skyline-layout.js";
import type { StorageLook } from "./storage-colors.js";

export interface SkylineColors {
  readonly text: string;
  readonly lines: string;
  /** Of the column under the pointer or the focus. */
  readonly mark: string;
  /** Around every column in high contrast; absent elsewhere. */
  readonly outline?: string | undefined;
  readonly font: string;
  readonly looks: ReadonlyMap<string, StorageLook>;
}

/** The part of a canvas context that is drawn with. */
export type SkylineContext = Pick<
  CanvasRenderingContext2D,
  | "clearRect"
  | "fillRect"
  | "strokeRect"
  | "fillText"
  | "beginPath"
  | "moveTo"
  | "lineTo"
  | "stroke"
  | "save"
  | "restore"
  | "rect"
  | "clip"
> & {
  fillStyle: CanvasRenderingContext2D["fillStyle"];
  strokeStyle: CanvasRenderingContext2D["strokeStyle"];
  globalAlpha: number;
  font: string;
  textAlign: CanvasTextAlign;
  textBaseline: CanvasTextBaseline;
  lineWidth: number;
};

/** Draws the picture anew, in CSS pixels; `marked` is the index of the column to outline, -1 for none. */
export function drawSkyline(
  context: SkylineContext,
  layout: SkylineLayout,
  colors: SkylineColors,
  marked: number,
): void {
  context.clearRect(0, 0, layout.width, layout.height);
  context.font = colors.font;
  context.textAlign = "right";
  context.textBaseline = "middle";
  context.lineWidth = 1;
  for (const { bits, y } of layout.ticks) {
    context.fillStyle = colors.text;
    context.fillText(String(bits), layout.left - 6, y);
    // Behind the columns, and fainter than they are.
    context.globalAlpha = 0.4;
    context.strokeStyle = colors.lines;
    context.beginPath();
    context.moveTo(layout.left, Math.round(y) + 0.5);
    context.lineTo(layout.width, Math.round(y) + 0.5);
    context.stroke();
    context.globalAlpha = 1;
  }
  layout.bars.forEach((bar, index) => {
    for (const { storage, y, height } of bar.segments) {
      const look = colors.looks.get(storage);
      context.fillStyle = look?.color ?? colors.text;
      context.fillRect(bar.x, y, bar.width, height);
      if (look?.isStriped) drawStripes(context, bar.x, y, bar.width, height, colors.lines);
    }
    if (colors.outline !== undefined && bar.width > 3) {
      context.strokeStyle = colors.outline;
      context.strokeRect(bar.x + 0.5, bar.y + 0.5, bar.width - 1, Math.max(0, bar.height - 1));
    }
    if (index === marked) {
      context.strokeStyle = colors.mark;
      context.lineWidth = 2;
      context.strokeRect(bar.x - 1, bar.y - 1, bar.width + 2, bar.height + 2);
      context.lineWidth = 1;
    }
  });
}

function drawStripes(
  context: SkylineContext,
  x: number,
  y: number,
  width: number,
  height: number,
  color: string,
): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = color;
  context.beginPath();
  for (let offset = -height; offset < width; offset += 5) {
    context.moveTo(x + offset, y + height);
    context.lineTo(x + offset + height, y);
  }
  context.stroke();
  context.restore();
}
