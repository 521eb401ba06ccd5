import type { AffineLayout } from "../../terms/affine.js";
import type { Term } from "../../terms/term.js";
import type { KernelArgument } from "./kernel-caller.js";
import { AFFINE_ZERO_NUMBER, SCALE_DTYPE_NUMBER } from "./kernel-enums.js";

/** The arguments that describe the term, of both products with affine terms. */
export function affineArguments({ layout, arrays }: Term<AffineLayout>): KernelArgument[] {
  return [
    0,
    layout.rows,
    arrays.codes,
    layout.rows,
    layout.columns,
    layout.bits,
    layout.groupSize,
    layout.granularity === "tensor" ? 1 : 0,
    AFFINE_ZERO_NUMBER[layout.zero],
    arrays.scale,
    SCALE_DTYPE_NUMBER[layout.scaleDtype],
    arrays.zeroPoint ?? arrays.minimum ?? null,
  ];
}
