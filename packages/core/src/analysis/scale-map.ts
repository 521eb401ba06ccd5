import { LowbitError } from "../errors/index.js";
import { checkIntegerOption } from "./integer-option.js";
import { fillTileRows, selectRows } from "./row-selection.js";
import { readTermBlocks, type TermScanContext, type TermSource, weightScaleGrids } from "./term-rows.js";
import { type TileGeometry, type TileOptions, tileGeometry } from "./tile-geometry.js";
import { allocateTileSums, type TileMap, type TileSums, tileMeans } from "./tile-map.js";

export interface ScaleMapOptions extends TileOptions {
  /** Which of the scales of the weight, in the order of `groupScales`; 0, the first, when absent. */
  readonly grid?: number;
}

/**
 * Mean |scale| of the weights in every tile (blocks of GGUF give scales either sign): each weight counts with the scale of
 * its group. Scales that are not finite, and columns without one, are left out; a tile of nothing else is NaN.
 * @throws `analysis/no-scales` for a weight whose terms have none; `analysis/invalid-option`, `analysis/aborted`
 */
export async function scaleMap(
  weight: TermSource,
  options: ScaleMapOptions,
  context: TermScanContext,
): Promise<TileMap> {
  const grids = weightScaleGrids(weight.terms);
  const [layout] = weight.terms;
  if (grids.length === 0 || layout === undefined) throw noScales(weight.name);
  checkIntegerOption("grid", options.grid ?? 0, 0, grids.length - 1);
  const grid = grids[options.grid ?? 0]!;
  const geometry = tileGeometry(layout, options);
  const { runs, ...coverage } = selectRows(geometry, options.rowStep);
  const sums = allocateTileSums(geometry);
  const { window, tileRows } = geometry;
  await readTermBlocks(weight, runs, context, (terms, block) => {
    const { scales } = grid.read(terms[grid.term]!);
    for (let row = 0; row < block.rows; row++) {
      const begin = grid.isShared ? 0 : row * grid.groups;
      const down = Math.floor((block.row + row - window.row) / tileRows);
      addRow(sums, geometry, down, grid.groupSize, scales.subarray(begin, begin + grid.groups));
    }
  });
  const values = tileMeans(sums);
  fillTileRows(values, geometry.tilesAcross, coverage);
  return { tensor: weight.name, ...geometry, ...coverage, values };
}

/** Adds the scales of a row, each as often as weights of one tile have it. */
function addRow(
  { sum, count }: TileSums,
  { window, tileColumns, tilesAcross }: TileGeometry,
  down: number,
  groupSize: number,
  scales: Float32Array,
): void {
  const last = window.column + window.columns;
  for (let column = window.column; column < last; ) {
    const across = Math.floor((column - window.column) / tileColumns);
    const group = Math.floor(column / groupSize);
    const end = Math.min(last, window.column + (across + 1) * tileColumns, (group + 1) * groupSize);
    const scale = Math.abs(scales[group]!);
    if (Number.isFinite(scale)) {
      const tile = down * tilesAcross + across;
      sum[tile]! += scale * (end - column);
      count[tile]! += end - column;
    }
    column = end;
  }
}

function noScales(name: string): LowbitError {
  return new LowbitError(
    "analysis/no-scales",
    `"${name}" is stored without scales: its weights are plain, or kept as they are.`,
    { weight: name },
  );
}
