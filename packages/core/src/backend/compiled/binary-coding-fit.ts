import type { RowBlock } from "../../tensor/row-block.js";
import type { SignLayout } from "../../terms/sign.js";
import type { Term } from "../../terms/term.js";
import { checkBinaryCodingFit, MAX_SIGN_PLANES } from "../check-sign-fits.js";
import { type KernelCaller, output } from "./kernel-caller.js";
import { SCALE_DTYPE_NUMBER } from "./kernel-enums.js";

export function binaryCodingFit(
  kernels: KernelCaller,
  block: RowBlock,
  terms: readonly Term<SignLayout>[],
  iterations: number,
): void {
  const [first] = checkBinaryCodingFit(block, terms);
  const planes = Array.from({ length: MAX_SIGN_PLANES }, (_, i) => terms[i]?.arrays);
  kernels.call(
    "binary_coding_fit",
    0,
    block.rows,
    block.values,
    block.columns,
    first.layout.groupSize,
    SCALE_DTYPE_NUMBER[first.layout.scaleDtype],
    terms.length,
    iterations,
    ...planes.map((arrays) => (arrays ? output(arrays.signs) : null)),
    ...planes.map((arrays) => (arrays ? output(arrays.scale) : null)),
  );
}
