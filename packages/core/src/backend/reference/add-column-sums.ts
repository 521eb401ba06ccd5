import { checkRows } from "../check-layers.js";
import type { KernelOps } from "../kernel-backend.js";
import { addSums } from "./add-sums.js";

/** `sums[column] += Σ_rows x[row, column]`. */
export const addColumnSums: KernelOps["addColumnSums"] = (x, sums) => {
  checkRows("addColumnSums", x, {}, { sums });
  const totals = new Float64Array(x.columns);
  for (let i = 0; i < x.values.length; i++) totals[i % x.columns]! += x.values[i]!;
  addSums(totals, sums);
};
