import { coveredColumns } from "../../terms/covered-columns.js";
import type { DenseLayout } from "../../terms/dense.js";
import type { Term } from "../../terms/term.js";
import { checkMultiply } from "../check-multiply.js";
import type { Activations } from "../ops/multiply-ops.js";
import { coveredActivations } from "./covered-activations.js";
import { type KernelCaller, output } from "./kernel-caller.js";
import { SCALE_DTYPE_NUMBER } from "./kernel-enums.js";

export function denseMultiply(kernels: KernelCaller, term: Term<DenseLayout>, x: Activations, y: Float32Array): void {
  checkMultiply(term, x, y);
  const { layout, arrays } = term;
  kernels.call(
    "dense_multiply",
    0,
    layout.rows,
    arrays.values,
    layout.rows,
    coveredColumns(layout),
    SCALE_DTYPE_NUMBER[layout.valueDtype],
    coveredActivations(x, arrays.columns).values,
    x.tokens,
    output(y),
  );
}
