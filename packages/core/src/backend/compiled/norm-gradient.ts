import type { RowBlock } from "../../tensor/row-block.js";
import { columnSpans } from "./column-span.js";
import { type KernelCaller, output } from "./kernel-caller.js";

/** Threads share rows for dx and columns for dWeight; the center and inverse root of every row go from one to the other. */
export function normGradient(
  kernels: KernelCaller,
  kernel: "rms_norm_gradient" | "layer_norm_gradient",
  x: RowBlock,
  weight: Float32Array,
  epsilon: number,
  dy: Float32Array,
  dx: Float32Array,
  dWeight: Float32Array,
): void {
  const { values, rows, columns } = x;
  const rowFigures = () => {
    const scratch = kernels.scratch(rows * 16);
    return [output(scratch.subarray(0, rows * 8)), output(scratch.subarray(rows * 8))] as const;
  };
  kernels.call(kernel, 0, rows, values, weight, dy, output(dx), ...rowFigures(), columns, epsilon);
  kernels.call(
    "norm_weight_gradient",
    0,
    columnSpans(columns),
    values,
    dy,
    ...rowFigures(),
    rows,
    columns,
    output(dWeight),
  );
}
