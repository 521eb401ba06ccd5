import { rowMajor } from "../../tensor/matrix.js";
import { coveredColumns } from "../../terms/covered-columns.js";
import type { DenseLayout } from "../../terms/dense.js";
import type { Term } from "../../terms/term.js";
import { checkMultiply } from "../check-multiply.js";
import type { Activations } from "../ops/multiply-ops.js";
import { coveredActivations } from "./covered-activations.js";
import { multiplyTokens } from "./float-tokens.js";
import type { KernelCaller } from "./kernel-caller.js";
import { SCALE_DTYPE_NUMBER } from "./kernel-enums.js";
import { matmul } from "./matmul.js";

/** Up to here the kernel of the term reads weights as fast as memory gives them. */
const STREAMED_TOKENS = 3;

export function denseMultiply(kernels: KernelCaller, term: Term<DenseLayout>, x: Activations, y: Float32Array): void {
  checkMultiply(term, x, y);
  const { layout, arrays } = term;
  const { rows } = layout;
  const columns = coveredColumns(layout);
  const given = coveredActivations(x, arrays.columns);
  const { values } = arrays;
  if (x.tokens > STREAMED_TOKENS && layout.valueDtype === "F32" && values.byteOffset % 4 === 0) {
    const weight = rowMajor(new Float32Array(values.buffer, values.byteOffset, rows * columns), rows, columns);
    matmul(kernels, rowMajor(given.values, x.tokens, columns), weight, rowMajor(y, x.tokens, rows), true);
    return;
  }
  multiplyTokens(kernels, given, rows, y, null, (tokens) =>
    kernels.call(
      "dense_multiply",
      0,
      rows,
      values,
      rows,
      columns,
      SCALE_DTYPE_NUMBER[layout.valueDtype],
      tokens.x,
      tokens.panels,
      tokens.tokens,
      tokens.y,
    ),
  );
}
