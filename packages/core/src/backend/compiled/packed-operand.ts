import type { Matrix } from "../../tensor/matrix.js";
import { type KernelCaller, output } from "./kernel-caller.js";

/** Rows of a left and of a right operand that a unit of panels has (`LOWBIT_PANEL_ROWS`, `LOWBIT_PANEL_COLUMNS`). */
export const PANEL_ROWS = 24;
export const PANEL_COLUMNS = 32;
/** Bytes of an operand that are packed at a time: the scratch memory of a product, unless 24 rows alone have more. */
export const PACKED_BYTES: number = 2 ** 24;

export type Side = "left" | "right";

/** Rows of an operand that are packed at a time. */
export interface PackedBlock {
  readonly begin: number;
  readonly rows: number;
  /** The panels, in scratch memory. Call it anew for every kernel call: see `KernelCaller.scratch`. */
  readonly panels: () => Float32Array;
}

/** Packs an operand as the panels of a side (product_panels.h), block after block: a block is lost when the next one is made. */
export function* packOperand(kernels: KernelCaller, matrix: Matrix, side: Side): Generator<PackedBlock> {
  const unit = side === "left" ? PANEL_ROWS : PANEL_COLUMNS;
  const { columns, rowStride, columnStride } = matrix;
  const most = Math.max(1, Math.floor(PACKED_BYTES / 4 / Math.max(columns, 1) / unit)) * unit;
  for (let begin = 0; begin < matrix.rows; begin += most) {
    const rows = Math.min(most, matrix.rows - begin);
    const units = Math.ceil(rows / unit);
    const panels = () => {
      const bytes = kernels.scratch(4 * units * unit * columns);
      return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    };
    const source = matrix.values.subarray(begin * rowStride);
    const isLeft = side === "left" ? 1 : 0;
    kernels.call("matmul_pack", 0, units, source, rowStride, columnStride, rows, columns, isLeft, output(panels()));
    yield { begin, rows, panels };
  }
}
