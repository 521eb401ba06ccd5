import type { AppearanceSettings } from "../../protocol/settings.js";
import type { Theme } from "../theme.js";
import { BLUE_ORANGE, type Color, type ColorRamp, GREY, lightness, mixColors, VIRIDIS } from "./color-ramp.js";
import { parseColor } from "./parse-color.js";

export type MapColorsName = AppearanceSettings["mapColors"];

/** Everything that a map is drawn with. */
export interface MapColors {
  /** Small to large. */
  readonly sequential: ColorRamp;
  /** −1, 0, 1 */
  readonly diverging: ColorRamp;
  readonly background: Color;
  /** Text and lines beside the map. */
  readonly foreground: Color;
  /** Frame of the cursor. */
  readonly focus: Color;
  /** Outlier markers and the hatching of tiles without finite values. */
  readonly marker: Color;
}

type ThemeColors = Pick<Theme, "color" | "kind">;

/** The colours of a scale in the editor's theme. */
export function mapColors(name: MapColorsName, theme: ThemeColors): MapColors {
  const isDark = theme.kind === "dark";
  const read = (variable: string, fallback: string): Color =>
    parseColor(theme.color(variable, fallback)) ?? (parseColor(fallback) as Color);
  const background = read("--vscode-editor-background", isDark ? "#1f1f1f" : "#ffffff");
  const foreground = read("--vscode-editor-foreground", isDark ? "#cccccc" : "#3b3b3b");
  const accent = read("--vscode-charts-blue", isDark ? "#3794ff" : "#1a85ff");
  const warm = read("--vscode-charts-orange", isDark ? "#d18616" : "#d18616");
  return {
    ...scales(name, { background, foreground, accent, warm }),
    background,
    foreground,
    focus: read("--vscode-focusBorder", isDark ? "#0078d4" : "#005fb8"),
    marker: read("--vscode-charts-red", isDark ? "#f14c4c" : "#e51400"),
  };
}

interface ScaleInks {
  readonly background: Color;
  readonly foreground: Color;
  readonly accent: Color;
  readonly warm: Color;
}

function scales(name: MapColorsName, inks: ScaleInks): Pick<MapColors, "sequential" | "diverging"> {
  if (name === "viridis") return { sequential: VIRIDIS, diverging: BLUE_ORANGE };
  if (name === "grey") return { sequential: GREY, diverging: GREY };
  const { background, foreground, accent, warm } = inks;
  const ground = mixColors(background, foreground, 0.06);
  const ink = strongest(background, foreground);
  const towards = (color: Color): ColorRamp => {
    const from = lightness(ground);
    const to = lightness(ink);
    const middle = withLightness(color, from + 0.55 * (to - from));
    return [ground, mixColors(ground, middle, 0.5), middle, mixColors(middle, ink, 0.5), ink];
  };
  const [cool, hot] = [towards(accent), towards(warm)];
  // A diverging scale ends before the ink: both ends would look alike there.
  return { sequential: cool, diverging: [...cool.slice(1, 4).reverse(), ground, ...hot.slice(1, 4)] };
}

/** Black or white, whichever lies on the side of the text colour. */
function strongest(background: Color, foreground: Color): Color {
  return lightness(foreground) > lightness(background) ? [255, 255, 255] : [0, 0, 0];
}

/** The colour mixed with black or white until it has this lightness. */
export function withLightness(color: Color, wanted: number): Color {
  const end: Color = lightness(color) > wanted ? [0, 0, 0] : [255, 255, 255];
  let low = 0;
  let high = 1;
  for (let step = 0; step < 12; step++) {
    const middle = (low + high) / 2;
    const isBeyond =
      Math.sign(lightness(mixColors(color, end, middle)) - wanted) === Math.sign(lightness(end) - wanted);
    if (isBeyond) high = middle;
    else low = middle;
  }
  return mixColors(color, end, (low + high) / 2);
}
