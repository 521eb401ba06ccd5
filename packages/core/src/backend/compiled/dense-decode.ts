import { checkDecode } from "../../terms/check-decode.js";
import { coveredColumns } from "../../terms/covered-columns.js";
import type { DenseLayout } from "../../terms/dense.js";
import type { Term } from "../../terms/term.js";
import { type KernelCaller, output } from "./kernel-caller.js";
import { SCALE_DTYPE_NUMBER } from "./kernel-enums.js";

export function denseDecode(kernels: KernelCaller, term: Term<DenseLayout>, target: Float32Array): void {
  checkDecode(term, target);
  const { layout, arrays } = term;
  kernels.call(
    "dense_decode",
    0,
    layout.rows,
    arrays.values,
    layout.coveredColumns === undefined ? null : arrays.columns!,
    layout.columns,
    coveredColumns(layout),
    SCALE_DTYPE_NUMBER[layout.valueDtype],
    output(target),
  );
}
