import type { SparseLayout } from "../../terms/sparse.js";
import type { Term } from "../../terms/term.js";
import { checkMultiply } from "../check-multiply.js";
import type { Activations } from "../ops/multiply-ops.js";
import { type KernelCaller, output } from "./kernel-caller.js";
import { SCALE_DTYPE_NUMBER } from "./kernel-enums.js";

export function sparseMultiply(kernels: KernelCaller, term: Term<SparseLayout>, x: Activations, y: Float32Array): void {
  checkMultiply(term, x, y);
  const { layout, arrays } = term;
  kernels.call(
    "sparse_multiply",
    0,
    layout.rows,
    arrays.rowStarts,
    arrays.columnIndices,
    layout.indexDtype === "U32" ? 1 : 0,
    arrays.values,
    SCALE_DTYPE_NUMBER[layout.valueDtype],
    layout.rows,
    layout.columns,
    x.values,
    x.tokens,
    output(y),
  );
}
