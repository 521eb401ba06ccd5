import { checkDecode } from "../../terms/check-decode.js";
import type { SignLayout } from "../../terms/sign.js";
import type { Term } from "../../terms/term.js";
import { type KernelArgument, type KernelCaller, output } from "./kernel-caller.js";
import { SCALE_DTYPE_NUMBER } from "./kernel-enums.js";

export function signDecode(kernels: KernelCaller, term: Term<SignLayout>, target: Float32Array): void {
  checkDecode(term, target);
  kernels.call("sign_decode", 0, term.layout.rows, ...signDecodeArguments(term), output(target));
}

/** What the kernels that decode such a term take between the rows and the target. */
export function signDecodeArguments({ layout, arrays }: Term<SignLayout>): KernelArgument[] {
  return [
    arrays.signs,
    arrays.scale,
    layout.hasMean ? arrays.mean! : null,
    layout.hasColumnScale ? arrays.columnScale! : null,
    layout.zones > 1 ? arrays.zoneMap! : null,
    layout.columns,
    layout.groupSize,
    layout.granularity === "tensor" ? 1 : 0,
    layout.zones,
    SCALE_DTYPE_NUMBER[layout.scaleDtype],
  ];
}
