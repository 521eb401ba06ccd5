import type { RowBlock } from "../../tensor/row-block.js";
import { checkRows } from "../check-layers.js";
import { columnSpans } from "./column-span.js";
import { type KernelCaller, output } from "./kernel-caller.js";

export function addColumnSums(kernels: KernelCaller, x: RowBlock, sums: Float32Array): void {
  checkRows("addColumnSums", x, {}, { sums });
  kernels.call("add_column_sums", 0, columnSpans(x.columns), x.values, x.rows, x.columns, output(sums));
}
