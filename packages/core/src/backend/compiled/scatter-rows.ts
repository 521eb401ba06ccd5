import type { RowBlock } from "../../tensor/row-block.js";
import { checkScatterRows } from "../check-layers.js";
import { columnSpans } from "./column-span.js";
import { type KernelCaller, output } from "./kernel-caller.js";

export function scatterRows(kernels: KernelCaller, rows: Uint32Array, dy: RowBlock, dTable: Float32Array): void {
  checkScatterRows(rows, dy, dTable);
  const { values, columns } = dy;
  kernels.call("scatter_rows", 0, columnSpans(columns), rows, values, output(dTable), rows.length, columns);
}
