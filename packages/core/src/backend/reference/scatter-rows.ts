import { checkScatterRows } from "../check-layers.js";
import type { KernelOps } from "../kernel-backend.js";

/** `dTable[rows[i], ·] += dy[i, ·]`, i ascending. */
export const scatterRows: KernelOps["scatterRows"] = (rows, dy, dTable) => {
  checkScatterRows(rows, dy, dTable);
  const { values, columns } = dy;
  for (const [i, row] of rows.entries()) {
    for (let column = 0; column < columns; column++) dTable[row * columns + column]! += values[i * columns + column]!;
  }
};
