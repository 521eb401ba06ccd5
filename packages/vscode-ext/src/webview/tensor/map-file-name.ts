import type { MapShading } from "../outlier-map/map-shading.js";

/** A name for the picture that every file system takes, whatever the weight is called. */
export function mapFileName(weight: string, shading: MapShading): string {
  const plain = weight
    .replaceAll(/[^\w.-]+/gu, "_")
    .replaceAll(/\.{2,}/gu, ".")
    .replace(/^[._-]+/u, "")
    .slice(-100);
  return `${plain === "" ? "weight" : plain}-${shading}.png`;
}
