import type { RowBlock } from "../../tensor/row-block.js";
import type { SignLayout } from "../../terms/sign.js";
import type { Term } from "../../terms/term.js";
import { checkSignAlternatingFit } from "../check-sign-fits.js";
import { type KernelCaller, output } from "./kernel-caller.js";
import { SCALE_DTYPE_NUMBER } from "./kernel-enums.js";

export function signAlternatingFit(
  kernels: KernelCaller,
  block: RowBlock,
  terms: readonly Term<SignLayout>[],
  iterations: number,
): void {
  const [first, second] = checkSignAlternatingFit(block, terms);
  kernels.call(
    "sign_alternating_fit",
    0,
    block.rows,
    block.values,
    block.columns,
    first.layout.groupSize,
    SCALE_DTYPE_NUMBER[first.layout.scaleDtype],
    terms.length,
    iterations,
    output(first.arrays.signs),
    second ? output(second.arrays.signs) : null,
    output(first.arrays.scale),
    second ? output(second.arrays.scale) : null,
    output(first.arrays.mean!),
  );
}
