import type { OutlierMapPicture } from "@lowbit/core/analysis";
import { PNG } from "pngjs";

/** Small pictures are enlarged (whole pixels) until a side has at least this many pixels. */
const LEAST_SIDE = 768;
const LEGEND_HEIGHT = 14;

/** The map as PNG bytes, with a strip of the colour scale below it, dark to light. */
export function outlierMapPng(picture: OutlierMapPicture): Buffer {
  const factor = Math.max(1, Math.floor(LEAST_SIDE / Math.max(picture.width, picture.height)));
  const width = picture.width * factor;
  const height = picture.height * factor;
  const png = new PNG({ width, height: height + LEGEND_HEIGHT });
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (Math.floor(y / factor) * picture.width + Math.floor(x / factor)) * 4;
      png.data.set(picture.rgba.subarray(from, from + 4), (y * width + x) * 4);
    }
  }
  png.data.fill(255, width * height * 4); // white between the map and its strip
  for (let y = height + 4; y < height + LEGEND_HEIGHT; y++) {
    for (let x = 0; x < width; x++) {
      png.data.set([...colorBetween(picture.legend, x / Math.max(1, width - 1)), 255], (y * width + x) * 4);
    }
  }
  return PNG.sync.write(png);
}

/** The legend's colours as a continuous strip; `position` from 0 to 1. */
function colorBetween(legend: OutlierMapPicture["legend"], position: number): number[] {
  const place = position * (legend.length - 1);
  const below = Math.min(Math.floor(place), legend.length - 2);
  const [from, to] = [legend[below]!.color, legend[below + 1]!.color];
  return from.map((channel, index) => Math.round(channel + (place - below) * (to[index]! - channel)));
}
