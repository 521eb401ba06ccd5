import { checkDecode } from "../../terms/check-decode.js";
import type { SparseLayout } from "../../terms/sparse.js";
import type { Term } from "../../terms/term.js";
import { type KernelCaller, output } from "./kernel-caller.js";
import { SCALE_DTYPE_NUMBER } from "./kernel-enums.js";

export function sparseDecode(kernels: KernelCaller, term: Term<SparseLayout>, target: Float32Array): void {
  checkDecode(term, target);
  const { layout, arrays } = term;
  kernels.call(
    "sparse_decode",
    0,
    layout.rows,
    arrays.rowStarts,
    arrays.columnIndices,
    arrays.values,
    layout.columns,
    layout.indexDtype === "U16" ? 2 : 4,
    SCALE_DTYPE_NUMBER[layout.valueDtype],
    output(target),
  );
}
