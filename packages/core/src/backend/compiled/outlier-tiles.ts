import type { RowBlock } from "../../tensor/row-block.js";
import { checkOutlierTiles } from "../check-statistics.js";
import type { OutlierTiles, TileGrid } from "../ops/statistics-ops.js";
import { type KernelCaller, output } from "./kernel-caller.js";

export function outlierTiles(
  kernels: KernelCaller,
  block: RowBlock,
  grid: TileGrid,
  threshold: number,
  target: OutlierTiles,
): void {
  checkOutlierTiles(block, grid, target);
  kernels.call(
    "outlier_tiles",
    block.values,
    block.rows,
    block.columns,
    grid.tileRows,
    grid.tileColumns,
    threshold,
    output(target.absMaximum),
    output(target.outlierCount),
  );
}
