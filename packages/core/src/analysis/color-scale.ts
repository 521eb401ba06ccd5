/** Red, green, blue, each 0 to 255. */
export type Color = readonly [red: number, green: number, blue: number];

/**
 * Colours at equal distances along the scale, from dark violet over teal to light yellow. Lightness rises evenly
 * (CIE L* of about 10, 23 … 93), so that equal steps look equal, in print without colour and to colour-blind readers too.
 */
const STOPS: readonly Color[] = [
  [33, 14, 58],
  [57, 42, 110],
  [52, 76, 140],
  [37, 108, 146],
  [32, 139, 141],
  [60, 170, 123],
  [118, 199, 93],
  [190, 220, 79],
  [250, 236, 126],
];

/** Colour at `position` 0 to 1; values outside are clamped. NaN gives the lower end. */
export function colorAt(position: number): Color {
  const clamped = position >= 0 ? Math.min(position, 1) : 0;
  const place = clamped * (STOPS.length - 1);
  const below = Math.min(Math.floor(place), STOPS.length - 2);
  const share = place - below;
  const [from, to] = [STOPS[below]!, STOPS[below + 1]!];
  const mixed = (channel: 0 | 1 | 2): number => Math.round(from[channel] + share * (to[channel] - from[channel]));
  return [mixed(0), mixed(1), mixed(2)];
}
