import type { GroupScales, MapPicture } from "../../protocol/tensor-messages.js";
import { formatCount, formatReal } from "../format-figures.js";
import { spanText } from "../outlier-map/map-text.js";
import { t } from "../texts.js";

export type ScaleTerm = GroupScales["terms"][number];

/** The scales of a term as tiles: rows down, groups across. */
export function scalePicture(term: ScaleTerm, values: Float32Array = term.scales): MapPicture {
  return {
    window: { row: 0, rows: term.rows, column: 0, columns: term.groups },
    tileRows: term.tileRows,
    tileColumns: term.tileGroups,
    tilesDown: Math.ceil(term.rows / term.tileRows),
    tilesAcross: Math.ceil(term.groups / term.tileGroups),
    values,
    isCoarse: false,
  };
}

/** One line of the table: a tile with its place and figures. */
export interface ScaleTile {
  readonly rows: string;
  readonly groups: string;
  readonly scale: number;
  readonly zero?: number;
}

/** The tiles with the largest and the smallest scales. */
export function extremeTiles(
  term: ScaleTerm,
  count: number,
): { readonly largest: ScaleTile[]; readonly smallest: ScaleTile[] } {
  const order = Array.from(term.scales, (scale, tile) => ({ scale, tile }))
    .filter(({ scale }) => Number.isFinite(scale))
    .sort((a, b) => b.scale - a.scale || a.tile - b.tile);
  const across = Math.ceil(term.groups / term.tileGroups);
  const describe = ({ scale, tile }: { readonly scale: number; readonly tile: number }): ScaleTile => {
    const row = Math.floor(tile / across) * term.tileRows;
    const group = (tile % across) * term.tileGroups;
    const zero = term.zeros?.[tile];
    return {
      rows: spanText(row, Math.min(term.tileRows, term.rows - row)),
      groups: spanText(group, Math.min(term.tileGroups, term.groups - group)),
      scale,
      ...(zero === undefined ? {} : { zero }),
    };
  };
  return {
    largest: order.slice(0, count).map(describe),
    smallest: order.slice(-count).reverse().map(describe),
  };
}

/** The picture in words. */
export function scaleSummary(term: ScaleTerm): string {
  const ratio = term.minimum > 0 ? term.maximum / term.minimum : Number.POSITIVE_INFINITY;
  return t(
    "{0} rows of {1} groups, {2} weights a group. Scales from {3} to {4}, a ratio of {5}.",
    formatCount(term.rows),
    formatCount(term.groups),
    formatCount(term.groupSize),
    formatReal(term.minimum),
    formatReal(term.maximum),
    formatReal(ratio),
  );
}
