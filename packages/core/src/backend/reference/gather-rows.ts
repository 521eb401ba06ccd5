import { loadScale } from "../../terms/scale-array.js";
import { checkGatherRows } from "../check-layers.js";
import type { KernelOps } from "../kernel-backend.js";

/** `target[i, ·] = decode(table[rows[i], ·])`. */
export const gatherRows: KernelOps["gatherRows"] = (dtype, table, rows, target) => {
  checkGatherRows(dtype, table, rows, target);
  const { values, columns } = target;
  for (const [i, row] of rows.entries()) {
    for (let column = 0; column < columns; column++) {
      values[i * columns + column] = loadScale(table, dtype, row * columns + column);
    }
  }
};
