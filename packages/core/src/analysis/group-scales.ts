import { checkIntegerOption } from "./integer-option.js";
import {
  readTermBlocks,
  type TermScanContext,
  type TermSource,
  type WeightScaleGrid,
  weightScaleGrids,
} from "./term-rows.js";
import { forEachTileSpan, type TileGeometry, tileGeometry } from "./tile-geometry.js";
import { allocateTileSums, type TileSums, tileMeans } from "./tile-map.js";

export interface GroupScaleOptions {
  /** Most tiles across and down, 1 to 8192; 512 when absent. */
  readonly maxWidth?: number;
  readonly maxHeight?: number;
}

/** One matrix of scales of a weight, [rows, groups], as a picture. */
export interface ScalePicture {
  /** Index of the term that has it. */
  readonly term: number;
  readonly label: string;
  /** Rows of scales: 1 where all rows share them. */
  readonly rows: number;
  /** Scales a row. */
  readonly groups: number;
  /** Columns that share a scale. */
  readonly groupSize: number;
  /** Rows and groups of a tile; the last tiles cover fewer. */
  readonly tileRows: number;
  readonly tileGroups: number;
  readonly tilesDown: number;
  readonly tilesAcross: number;
  /** [tilesDown, tilesAcross] Mean |scale| of every tile; NaN where no scale is finite. */
  readonly scales: Float32Array;
  /** What `zeros` are: zero points in codes, values of code 0, or means of the groups. */
  readonly zero?: "zero point" | "minimum" | "mean";
  /** [tilesDown, tilesAcross] Means with their sign. */
  readonly zeros?: Float32Array;
  /** Smallest and largest finite |scale|; NaN where there is none. */
  readonly minimum: number;
  readonly maximum: number;
  /** Scales below 0 (GGUF blocks whose largest weight is negative). */
  readonly negativeCount: number;
  /** Scales that are NaN or infinite, and columns without a scale. */
  readonly nonFiniteCount: number;
}

const DEFAULT_SIZE = 512;
const MOST_SIZE = 8192;

/**
 * Every matrix of scales of a quantized weight, term after term: affine, bilevel (scales of the second level as the
 * weights see them), each zone of signs, column scales, ternary, codebook, and the row scales of masked terms. Sparse and
 * dense terms have none; the list is empty where no term has any.
 * @throws `analysis/invalid-option`, `analysis/aborted`
 */
export async function groupScales(
  weight: TermSource,
  context: TermScanContext,
  options: GroupScaleOptions = {},
): Promise<readonly ScalePicture[]> {
  const { maxWidth = DEFAULT_SIZE, maxHeight = DEFAULT_SIZE } = options;
  checkIntegerOption("maxWidth", maxWidth, 1, MOST_SIZE);
  checkIntegerOption("maxHeight", maxHeight, 1, MOST_SIZE);
  const rows = weight.terms[0]?.rows ?? 0;
  const pictures = weightScaleGrids(weight.terms).map((grid) => startPicture(grid, rows, maxWidth, maxHeight));
  if (pictures.length === 0) return [];
  await readTermBlocks(weight, [{ row: 0, rows }], context, (terms, block) => {
    for (const picture of pictures) {
      const { grid } = picture;
      if (grid.isShared && block.row > 0) continue;
      const { scales, zeros } = grid.read(terms[grid.term]!);
      addScales(picture, block.row, scales);
      if (zeros !== undefined) addValues(picture.geometry, picture.zeros, block.row, zeros);
    }
  });
  return pictures.map(finishPicture);
}

interface PictureSums {
  readonly grid: WeightScaleGrid;
  readonly rows: number;
  readonly geometry: TileGeometry;
  readonly scales: TileSums;
  readonly zeros: TileSums;
  minimum: number;
  maximum: number;
  negativeCount: number;
  nonFiniteCount: number;
}

function startPicture(grid: WeightScaleGrid, termRows: number, maxWidth: number, maxHeight: number): PictureSums {
  const rows = grid.isShared ? Math.min(1, termRows) : termRows;
  const geometry = tileGeometry({ rows, columns: grid.groups }, { maxWidth, maxHeight });
  return {
    grid,
    rows,
    geometry,
    scales: allocateTileSums(geometry),
    zeros: allocateTileSums(geometry),
    minimum: Number.POSITIVE_INFINITY,
    maximum: Number.NEGATIVE_INFINITY,
    negativeCount: 0,
    nonFiniteCount: 0,
  };
}

function addScales(picture: PictureSums, row: number, scales: Float32Array): void {
  const magnitudes = scales.map(Math.abs);
  addValues(picture.geometry, picture.scales, row, magnitudes);
  for (let i = 0; i < scales.length; i++) {
    const magnitude = magnitudes[i]!;
    if (!Number.isFinite(magnitude)) {
      picture.nonFiniteCount++;
      continue;
    }
    if (magnitude < picture.minimum) picture.minimum = magnitude;
    if (magnitude > picture.maximum) picture.maximum = magnitude;
    if (scales[i]! < 0) picture.negativeCount++;
  }
}

/** Adds the finite values of whole rows from `row` on. */
function addValues(geometry: TileGeometry, { sum, count }: TileSums, row: number, values: Float32Array): void {
  const { columns } = geometry.window;
  const place = { row, rows: values.length / Math.max(1, columns), column: 0, columns };
  forEachTileSpan(geometry, place, (tile, begin, end) => {
    for (let i = begin; i < end; i++) {
      const value = values[i]!;
      if (!Number.isFinite(value)) continue;
      sum[tile]! += value;
      count[tile]!++;
    }
  });
}

function finishPicture(picture: PictureSums): ScalePicture {
  const { grid, rows, geometry, minimum, maximum, negativeCount, nonFiniteCount } = picture;
  const { term, label, groups, groupSize, zero } = grid;
  const { tileRows, tileColumns, tilesDown, tilesAcross } = geometry;
  return {
    term,
    label,
    rows,
    groups,
    groupSize,
    tileRows,
    tileGroups: tileColumns,
    tilesDown,
    tilesAcross,
    scales: tileMeans(picture.scales),
    ...(zero !== undefined && { zero, zeros: tileMeans(picture.zeros) }),
    minimum: minimum <= maximum ? minimum : Number.NaN,
    maximum: minimum <= maximum ? maximum : Number.NaN,
    negativeCount,
    nonFiniteCount,
  };
}
