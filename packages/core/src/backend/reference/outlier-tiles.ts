import { checkOutlierTiles } from "../check-statistics.js";
import type { KernelOps } from "../kernel-backend.js";

export const outlierTiles: KernelOps["outlierTiles"] = (block, grid, threshold, target) => {
  checkOutlierTiles(block, grid, target);
  const { values, rows, columns } = block;
  const tilesAcross = Math.ceil(columns / grid.tileColumns);
  target.absMaximum.fill(0);
  target.outlierCount.fill(0);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const magnitude = Math.abs(values[row * columns + column]!);
      if (!Number.isFinite(magnitude)) continue;
      const tile = Math.floor(row / grid.tileRows) * tilesAcross + Math.floor(column / grid.tileColumns);
      target.absMaximum[tile] = Math.max(target.absMaximum[tile]!, magnitude);
      if (magnitude > threshold) target.outlierCount[tile]! += 1;
    }
  }
};
