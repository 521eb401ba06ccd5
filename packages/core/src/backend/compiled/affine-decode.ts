import type { AffineLayout } from "../../terms/affine.js";
import { checkDecode } from "../../terms/check-decode.js";
import type { Term } from "../../terms/term.js";
import { type KernelArgument, type KernelCaller, output } from "./kernel-caller.js";
import { AFFINE_ZERO_NUMBER, SCALE_DTYPE_NUMBER } from "./kernel-enums.js";

export function affineDecode(kernels: KernelCaller, term: Term<AffineLayout>, target: Float32Array): void {
  checkDecode(term, target);
  kernels.call("affine_decode", 0, term.layout.rows, ...affineDecodeArguments(term), output(target));
}

/** What the kernels that decode such a term take between the rows and the target. */
export function affineDecodeArguments({ layout, arrays }: Term<AffineLayout>): KernelArgument[] {
  return [
    arrays.codes,
    arrays.scale,
    arrays.zeroPoint ?? arrays.minimum ?? null,
    layout.columns,
    layout.bits,
    layout.groupSize,
    layout.granularity === "tensor" ? 1 : 0,
    AFFINE_ZERO_NUMBER[layout.zero],
    SCALE_DTYPE_NUMBER[layout.scaleDtype],
  ];
}
