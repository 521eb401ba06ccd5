import type { RowBlock } from "../../tensor/row-block.js";
import type { AffineLayout } from "../../terms/affine.js";
import type { Term } from "../../terms/term.js";
import { checkAffineHalfQuadraticFit } from "../check-code-fits.js";
import type { HalfQuadraticOptions } from "../ops/fit-ops.js";
import { type KernelCaller, output } from "./kernel-caller.js";
import { SCALE_DTYPE_NUMBER } from "./kernel-enums.js";

export function affineHalfQuadraticFit(
  kernels: KernelCaller,
  block: RowBlock,
  term: Term<AffineLayout>,
  options: HalfQuadraticOptions,
): void {
  const { layout, arrays } = term;
  checkAffineHalfQuadraticFit(block, term, options);
  kernels.call(
    "affine_half_quadratic_fit",
    0,
    block.rows,
    block.values,
    block.rows,
    block.columns,
    layout.bits,
    layout.groupSize,
    SCALE_DTYPE_NUMBER[layout.scaleDtype],
    output(arrays.codes),
    output(arrays.scale),
    output(arrays.zeroPoint!),
    options.iterations,
    options.beta,
    options.kappa,
    options.norm,
  );
}
