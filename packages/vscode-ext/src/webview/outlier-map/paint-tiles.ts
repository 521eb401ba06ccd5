import { type ColorRamp, rampColor } from "./color-ramp.js";
import { type ColorScale, scalePosition } from "./map-shading.js";

/** A colour for every upper half of a 32-bit float: packed RGBA, least significant byte red. */
export type ColorLookup = Uint32Array;

/**
 * Tiles are coloured through the upper 16 bits of their value: 7 bits of mantissa, a step of under 1%, finer than the steps
 * of the ramp; no logarithm a tile. Not-a-number is transparent.
 */
export function colorLookup(scale: ColorScale, ramp: ColorRamp): ColorLookup {
  const lookup = new Uint32Array(2 ** 16);
  const palette = Uint32Array.from({ length: 256 }, (_, i) => {
    const [red, green, blue] = rampColor(ramp, i / 255);
    return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  });
  const bits = new Uint32Array(1);
  const value = new Float32Array(bits.buffer);
  for (let upper = 0; upper < lookup.length; upper++) {
    // The middle of the values that share this upper half.
    bits[0] = (upper << 16) | (upper === 0 || upper === 0x8000 ? 0 : 0x8000);
    const number = value[0]!;
    if (!Number.isNaN(number)) lookup[upper] = palette[Math.round(255 * scalePosition(scale, number))]!;
  }
  // The infinities: their lower half is zero, so that the middle above is not a number.
  lookup[0x7f80] = palette[255]!;
  lookup[0xff80] = palette[scale.kind === "diverging" ? 0 : 255]!;
  return lookup;
}

/** Pixels of tiles, row-major RGBA. */
export function paintTiles(values: Float32Array, lookup: ColorLookup): Uint8ClampedArray<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const pixels = new Uint32Array(values.length);
  for (let i = 0; i < bits.length; i++) pixels[i] = lookup[bits[i]! >>> 16]!;
  return new Uint8ClampedArray(pixels.buffer);
}
