import { cssColor } from "./color-ramp.js";
import { drawLegend, LEGEND_HEIGHT } from "./draw-legend.js";
import { drawOutlierMap, type MapContext, type MapScene } from "./draw-outlier-map.js";
import type { ColorScale } from "./map-shading.js";

export interface ExportScene {
  readonly map: MapScene;
  /** Lines over the picture: name, what colours mean, which part. */
  readonly title: readonly string[];
  readonly scale: ColorScale;
  readonly fontFamily: string;
  readonly formatValue: (value: number) => string;
  /** Marks and numbers on top of the map. */
  readonly drawOver?: (context: MapContext) => void;
}

const MARGIN = 12;
const LINE_HEIGHT = 17;

/** Size of the picture with title and legend, in its pixels. */
export function exportSize({ map, title }: ExportScene): { readonly width: number; readonly height: number } {
  const { line, pixels } = map;
  return {
    width: Math.ceil(pixels.width + 2 * MARGIN * line),
    height: Math.ceil(pixels.height + (3 * MARGIN + title.length * LINE_HEIGHT + LEGEND_HEIGHT) * line),
  };
}

/** The map as it is shown, under a title and over its legend: a picture that explains itself. */
export function drawExport(
  context: MapContext & Pick<CanvasRenderingContext2D, "translate">,
  scene: ExportScene,
): void {
  const { map, title } = scene;
  const { line, pixels, colors } = map;
  const size = exportSize(scene);
  context.fillStyle = cssColor(colors.background);
  context.fillRect(0, 0, size.width, size.height);
  context.fillStyle = cssColor(colors.foreground);
  context.textAlign = "left";
  context.textBaseline = "top";
  for (const [i, text] of title.entries()) {
    context.font = `${i === 0 ? "bold " : ""}${12 * line}px ${scene.fontFamily}`;
    context.fillText(text, MARGIN * line, (MARGIN + i * LINE_HEIGHT) * line, pixels.width);
  }
  const top = (MARGIN + title.length * LINE_HEIGHT) * line;
  context.save();
  context.translate(MARGIN * line, top);
  context.beginPath();
  context.rect(0, 0, pixels.width, pixels.height);
  context.clip();
  drawOutlierMap(context, map);
  scene.drawOver?.(context);
  context.restore();
  drawLegend(context, {
    scale: scene.scale,
    colors,
    x: MARGIN * line,
    y: top + pixels.height + MARGIN * line,
    width: Math.min(pixels.width, 480 * line),
    line,
    fontFamily: scene.fontFamily,
    formatValue: scene.formatValue,
  });
}
