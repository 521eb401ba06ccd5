import type { MapPicture } from "../../protocol/tensor-messages.js";
import type { TileLayer } from "./draw-outlier-map.js";
import type { MapColors } from "./map-colors.js";
import { type ColorScale, scaleRamp } from "./map-shading.js";
import { colorLookup, paintTiles } from "./paint-tiles.js";

/** Paints a picture on a canvas of one pixel a tile. */
export function tileLayer(picture: MapPicture, scale: ColorScale, colors: MapColors, document: Document): TileLayer {
  const image = document.createElement("canvas");
  image.width = picture.tilesAcross;
  image.height = picture.tilesDown;
  const pixels = paintTiles(picture.values, colorLookup(scale, scaleRamp(scale, colors)));
  image.getContext("2d")?.putImageData(new ImageData(pixels, picture.tilesAcross, picture.tilesDown), 0, 0);
  return { picture, image, hasHoles: picture.values.includes(Number.NaN) };
}
