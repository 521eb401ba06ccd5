import { checkInverseFactor } from "../check-factor.js";
import { type KernelCaller, output } from "./kernel-caller.js";

/** Columns of a unit and rows of a panel: `LOWBIT_FACTOR_UNIT`, `LOWBIT_FACTOR_PANEL`. */
const UNIT = 24;
const PANEL = 96;
/** What the diagonal kernel needs: the block and its inverse. */
const BLOCK = PANEL * PANEL;

export function inverseFactor(kernels: KernelCaller, matrix: Float64Array, size: number, target: Float32Array): number {
  checkInverseFactor(matrix, size, target);
  const units = Math.ceil(size / UNIT);
  const packedLength = units * UNIT * PANEL;
  const scratch = (begin: number, end: number) => {
    const bytes = kernels.scratch(8 * (2 * BLOCK + packedLength));
    return new Float64Array(bytes.buffer, bytes.byteOffset + 8 * begin, end - begin);
  };
  const block = () => scratch(0, BLOCK);
  const inverse = () => scratch(BLOCK, 2 * BLOCK);
  const packed = () => scratch(2 * BLOCK, 2 * BLOCK + packedLength);
  for (let begin = Math.floor((size - 1) / PANEL) * PANEL; begin >= 0; begin -= PANEL) {
    const count = Math.min(PANEL, size - begin);
    const rows = matrix.subarray(begin * size, (begin + count) * size);
    const failed = kernels.call(
      "inverse_factor_diagonal",
      rows,
      size,
      begin,
      count,
      output(block()),
      output(inverse()),
    );
    if (failed >= 0) return failed;
    const factor = target.subarray(begin * size, (begin + count) * size);
    for (let row = 0; row < count; row++) factor.fill(0, row * size, row * size + begin + row);
    kernels.call(
      "inverse_factor_panel",
      0,
      units,
      rows,
      size,
      begin,
      count,
      inverse(),
      output(packed()),
      output(factor),
    );
    if (begin === 0) break;
    const before = output(matrix.subarray(0, begin * size));
    kernels.call("inverse_factor_update", 0, begin / UNIT, packed(), size, begin, count, before);
  }
  return -1;
}
