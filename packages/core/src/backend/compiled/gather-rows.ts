import type { RowBlock } from "../../tensor/row-block.js";
import type { ScaleDtype } from "../../terms/term.js";
import { checkGatherRows } from "../check-layers.js";
import { type KernelCaller, output } from "./kernel-caller.js";
import { SCALE_DTYPE_NUMBER } from "./kernel-enums.js";

export function gatherRows(
  kernels: KernelCaller,
  dtype: ScaleDtype,
  table: Uint8Array,
  rows: Uint32Array,
  target: RowBlock,
): void {
  checkGatherRows(dtype, table, rows, target);
  const { values, columns } = target;
  kernels.call("gather_rows", 0, rows.length, table, rows, output(values), columns, SCALE_DTYPE_NUMBER[dtype]);
}
