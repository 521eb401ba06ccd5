import type { RowBlock } from "../../tensor/row-block.js";
import type { AffineLayout } from "../../terms/affine.js";
import type { Term } from "../../terms/term.js";
import { checkAffineEncode } from "../check-code-fits.js";
import { type KernelCaller, output } from "./kernel-caller.js";
import { AFFINE_ZERO_NUMBER, SCALE_DTYPE_NUMBER } from "./kernel-enums.js";

export function affineEncode(kernels: KernelCaller, block: RowBlock, term: Term<AffineLayout>): void {
  const { layout, arrays } = term;
  checkAffineEncode(block, term);
  kernels.call(
    "affine_encode",
    0,
    block.rows,
    block.values,
    block.rows,
    block.columns,
    layout.bits,
    layout.groupSize,
    layout.granularity === "tensor" ? 1 : 0,
    AFFINE_ZERO_NUMBER[layout.zero],
    SCALE_DTYPE_NUMBER[layout.scaleDtype],
    output(arrays.codes),
    arrays.scale,
    arrays.zeroPoint ?? arrays.minimum ?? null,
  );
}
