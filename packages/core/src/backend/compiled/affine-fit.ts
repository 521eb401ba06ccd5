import type { RowBlock } from "../../tensor/row-block.js";
import type { AffineLayout } from "../../terms/affine.js";
import type { Term } from "../../terms/term.js";
import { checkAffineFit } from "../check-code-fits.js";
import type { AffineFitOptions } from "../ops/fit-ops.js";
import { type KernelCaller, output } from "./kernel-caller.js";
import { AFFINE_ZERO_NUMBER, SCALE_DTYPE_NUMBER } from "./kernel-enums.js";

export function affineFit(
  kernels: KernelCaller,
  block: RowBlock,
  term: Term<AffineLayout>,
  options: AffineFitOptions,
): void {
  const { layout, arrays } = term;
  checkAffineFit(block, term, options);
  const zero = arrays.zeroPoint ?? arrays.minimum;
  const { steps, exponent } = options.shrink ?? { steps: 1, exponent: 2 };
  kernels.call(
    "affine_fit",
    0,
    block.rows,
    block.values,
    block.rows,
    block.columns,
    layout.bits,
    layout.groupSize,
    AFFINE_ZERO_NUMBER[layout.zero],
    SCALE_DTYPE_NUMBER[layout.scaleDtype],
    output(arrays.codes),
    output(arrays.scale),
    zero ? output(zero) : null,
    options.includeZero ? 1 : 0,
    steps,
    exponent,
  );
}
