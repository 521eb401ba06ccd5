import type { MapPicture, MatrixWindow } from "../../protocol/tensor-messages.js";
import { formatCount, formatReal, formatShare } from "../format-figures.js";
import { t } from "../texts.js";
import type { CellValue } from "../values/value-store.js";
import { type MapShading, shadingLabel } from "./map-shading.js";
import type { MatrixCell } from "./matrix-viewport.js";

/** One tile of a picture: the cells that it covers and its figures. */
export interface TileFigures {
  readonly window: MatrixWindow;
  /** NaN: no finite value in it. */
  readonly value: number;
  readonly outliers?: number;
}

export interface FigureUnit {
  readonly shading: MapShading;
  readonly std: number;
}

/** The tile in which a cell lies; undefined outside the picture. */
export function tileAt(picture: MapPicture, cell: MatrixCell): TileFigures | undefined {
  const { window, tileRows, tileColumns, tilesAcross, tilesDown } = picture;
  const down = Math.floor((cell.row - window.row) / tileRows);
  const across = Math.floor((cell.column - window.column) / tileColumns);
  if (down < 0 || across < 0 || down >= tilesDown || across >= tilesAcross) return undefined;
  return tileFigures(picture, down * tilesAcross + across);
}

function tileFigures(picture: MapPicture, tile: number): TileFigures {
  const { window, tileRows, tileColumns, tilesAcross, values, outlierCount } = picture;
  const row = window.row + Math.floor(tile / tilesAcross) * tileRows;
  const column = window.column + (tile % tilesAcross) * tileColumns;
  const outliers = outlierCount?.[tile];
  return {
    window: {
      row,
      rows: Math.min(tileRows, window.row + window.rows - row),
      column,
      columns: Math.min(tileColumns, window.column + window.columns - column),
    },
    value: values[tile]!,
    ...(outliers === undefined ? {} : { outliers }),
  };
}

/** The tiles with the largest values (for signs: farthest from 0), largest first. */
export function topTiles(picture: MapPicture, count: number): readonly TileFigures[] {
  const top: { tile: number; value: number }[] = [];
  let least = Number.NEGATIVE_INFINITY;
  const { values } = picture;
  for (let tile = 0; tile < values.length; tile++) {
    const value = Math.abs(values[tile]!);
    // Not-a-number is not above anything.
    if (!(value > least)) continue;
    const at = top.findIndex((other) => other.value < value);
    top.splice(at < 0 ? top.length : at, 0, { tile, value });
    if (top.length > count) top.pop();
    if (top.length === count) least = top.at(-1)!.value;
  }
  return top.map(({ tile }) => tileFigures(picture, tile));
}

/** "7" or "7–12". */
export function spanText(begin: number, length: number): string {
  return length === 1 ? formatCount(begin) : `${formatCount(begin)}–${formatCount(begin + length - 1)}`;
}

/** "row 3, column 17", "rows 0–7, columns 16–31" */
export function windowText(window: MatrixWindow): string {
  const rows = spanText(window.row, window.rows);
  const columns = spanText(window.column, window.columns);
  return `${window.rows === 1 ? t("row {0}", rows) : t("rows {0}", rows)}, ${
    window.columns === 1 ? t("column {0}", columns) : t("columns {0}", columns)
  }`;
}

/** The figure of a tile: "8.31 σ", "0.0213", "0.4%". */
export function figureText(value: number, { shading, std }: FigureUnit): string {
  if (Number.isNaN(value)) return t("no finite value");
  if (shading === "outliers") return formatShare(value);
  if (shading === "sigma") return std > 0 ? `${formatReal(value / std)} σ` : formatReal(value);
  return formatReal(value);
}

/** What stands under the pointer or the cursor. `tile` and `value` are absent until they have been read. */
export function readoutText(
  cell: MatrixCell,
  tile: TileFigures | undefined,
  value: CellValue | undefined,
  unit: FigureUnit,
): string {
  const parts = [windowText({ row: cell.row, rows: 1, column: cell.column, columns: 1 })];
  if (value !== undefined) {
    parts[0] += `: ${formatReal(value.value)}`;
    if (value.other !== undefined) {
      parts.push(t("other {0}, difference {1}", formatReal(value.other), formatReal(value.value - value.other)));
    } else if (unit.std > 0 && Number.isFinite(value.value)) {
      parts.push(`${formatReal(Math.abs(value.value) / unit.std)} σ`);
    }
  }
  const isSingle = tile !== undefined && tile.window.rows === 1 && tile.window.columns === 1;
  if (tile !== undefined && !(isSingle && (unit.shading === "sigma" || unit.shading === "magnitude"))) {
    parts.push(
      isSingle
        ? `${shadingLabel(unit.shading)}: ${figureText(tile.value, unit)}`
        : `${windowText(tile.window)}: ${shadingLabel(unit.shading)} ${figureText(tile.value, unit)}`,
    );
  }
  if (tile?.outliers !== undefined && !isSingle) {
    parts.push(tile.outliers === 1 ? t("1 outlier") : t("{0} outliers", formatCount(tile.outliers)));
  }
  return parts.join(" · ");
}

export interface OutlierFacts {
  readonly threshold: number | undefined;
  /** In the whole matrix. */
  readonly count: number | undefined;
}

/** The picture in words: what a tile is, the range, where the largest lies, how many outliers. */
export function summaryText(picture: MapPicture, unit: FigureUnit, outliers: OutlierFacts): string {
  const { tileRows, tileColumns, values } = picture;
  const label = shadingLabel(unit.shading);
  let [least, most, holes] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) holes += 1;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (holes === values.length) return t("{0}: no finite value in {1}.", label, windowText(picture.window));
  const isSingle = tileRows === 1 && tileColumns === 1;
  const of = isSingle
    ? t("weight by weight")
    : t("tile by tile of {0} × {1} weights", formatCount(tileRows), formatCount(tileColumns));
  const range = [figureText(least, unit), figureText(most, unit)] as const;
  const parts = [t("{0}, {1}, in {2}: {3} to {4}.", label, of, windowText(picture.window), ...range)];
  const largest = topTiles(picture, 1)[0];
  if (largest !== undefined) {
    parts.push(t("The largest, {0}, lies in {1}.", figureText(largest.value, unit), windowText(largest.window)));
  }
  parts.push(...outlierSentences(picture, outliers));
  if (holes > 0)
    parts.push(
      holes === 1 ? t("1 tile holds no finite value.") : t("{0} tiles hold no finite value.", formatCount(holes)),
    );
  return parts.join(" ");
}

function outlierSentences({ outlierCount }: MapPicture, { threshold, count }: OutlierFacts): string[] {
  if (threshold === undefined) return [];
  const limit = formatReal(threshold);
  const sentences: string[] = [];
  if (count !== undefined) {
    sentences.push(
      count === 1
        ? t("1 weight of the whole matrix is an outlier: |w| > {0}.", limit)
        : t("{0} weights of the whole matrix are outliers: |w| > {1}.", formatCount(count), limit),
    );
  }
  if (outlierCount !== undefined) {
    const total = outlierCount.reduce((sum, each) => sum + each, 0);
    const tiles = outlierCount.reduce((sum, each) => sum + (each > 0 ? 1 : 0), 0);
    sentences.push(
      t(
        "In what is shown: {0} in {1} of {2} tiles.",
        formatCount(total),
        formatCount(tiles),
        formatCount(outlierCount.length),
      ),
    );
  }
  return sentences;
}
