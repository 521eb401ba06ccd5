/** Red, green, blue, each 0 to 255. */
export type Color = readonly [red: number, green: number, blue: number];

/** Colours at equal distances along a scale. */
export type ColorRamp = readonly Color[];

/**
 * Viridis of matplotlib (CC0), every 32nd of its 256 colours: lightness rises evenly, and equally for colour-blind readers
 * and in print.
 */
export const VIRIDIS: ColorRamp = [
  [68, 1, 84],
  [71, 44, 122],
  [59, 81, 139],
  [44, 113, 142],
  [33, 144, 141],
  [39, 173, 129],
  [92, 200, 99],
  [170, 220, 50],
  [253, 231, 37],
];

export const GREY: ColorRamp = [
  [16, 16, 16],
  [250, 250, 250],
];

/** Blue, white, orange: apart for red-green blind readers; the ends are equally far from the middle in lightness. */
export const BLUE_ORANGE: ColorRamp = [
  [5, 72, 160],
  [76, 143, 214],
  [173, 206, 236],
  [245, 245, 245],
  [247, 197, 149],
  [222, 124, 44],
  [155, 66, 6],
];

/** Colour at `position` 0 to 1; values outside are clamped. */
export function rampColor(ramp: ColorRamp, position: number): Color {
  const clamped = position >= 0 ? Math.min(position, 1) : 0;
  const place = clamped * (ramp.length - 1);
  const below = Math.min(Math.floor(place), Math.max(ramp.length - 2, 0));
  return mixColors(ramp[below]!, ramp[Math.min(below + 1, ramp.length - 1)]!, place - below);
}

export function mixColors(from: Color, to: Color, share: number): Color {
  const mixed = (channel: 0 | 1 | 2): number => Math.round(from[channel] + share * (to[channel] - from[channel]));
  return [mixed(0), mixed(1), mixed(2)];
}

export function cssColor([red, green, blue]: Color): string {
  return `rgb(${red} ${green} ${blue})`;
}

/** Relative luminance, 0 to 1 (WCAG 2.2). */
export function luminance(color: Color): number {
  const [red, green, blue] = color.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** CIE L*, 0 to 100: what the eye takes for even steps. */
export function lightness(color: Color): number {
  const y = luminance(color);
  return y > 216 / 24389 ? 116 * Math.cbrt(y) - 16 : (24389 / 27) * y;
}

/** Black or white, whichever is read better on a colour. */
export function inkOn(color: Color): Color {
  // The contrasts (y + 0.05) / 0.05 and 1.05 / (y + 0.05) are equal at this luminance.
  return luminance(color) > Math.sqrt(1.05 * 0.05) - 0.05 ? [0, 0, 0] : [255, 255, 255];
}
