import type { RowBlock } from "../../tensor/row-block.js";
import type { SignLayout } from "../../terms/sign.js";
import type { Term } from "../../terms/term.js";
import { checkSignFit } from "../check-sign-fits.js";
import { type KernelCaller, output } from "./kernel-caller.js";
import { SCALE_DTYPE_NUMBER } from "./kernel-enums.js";

export function signFit(kernels: KernelCaller, residual: RowBlock, term: Term<SignLayout>): void {
  const { layout, arrays } = term;
  checkSignFit(residual, term);
  kernels.call(
    "sign_fit",
    0,
    residual.rows,
    output(residual.values),
    residual.columns,
    layout.groupSize,
    SCALE_DTYPE_NUMBER[layout.scaleDtype],
    output(arrays.signs),
    output(arrays.scale),
    arrays.mean ? output(arrays.mean) : null,
  );
}
