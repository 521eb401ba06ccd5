import { checkDecode } from "../../terms/check-decode.js";
import type { Term } from "../../terms/term.js";
import type { TernaryLayout } from "../../terms/ternary.js";
import { type KernelArgument, type KernelCaller, output } from "./kernel-caller.js";
import { SCALE_DTYPE_NUMBER, TRIT_PACKING_NUMBER } from "./kernel-enums.js";

export function ternaryDecode(kernels: KernelCaller, term: Term<TernaryLayout>, target: Float32Array): void {
  checkDecode(term, target);
  kernels.call("ternary_decode", 0, term.layout.rows, ...ternaryDecodeArguments(term), output(target));
}

/** What the kernels that decode such a term take between the rows and the target. */
export function ternaryDecodeArguments({ layout, arrays }: Term<TernaryLayout>): KernelArgument[] {
  return [
    arrays.digits,
    arrays.scale,
    layout.columns,
    layout.groupSize,
    layout.granularity === "tensor" ? 1 : 0,
    TRIT_PACKING_NUMBER[layout.packing],
    SCALE_DTYPE_NUMBER[layout.scaleDtype],
  ];
}
