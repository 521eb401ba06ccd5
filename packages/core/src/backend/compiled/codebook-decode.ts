import { checkDecode } from "../../terms/check-decode.js";
import type { CodebookLayout } from "../../terms/codebook.js";
import type { Term } from "../../terms/term.js";
import { type KernelArgument, type KernelCaller, output } from "./kernel-caller.js";
import { SCALE_DTYPE_NUMBER } from "./kernel-enums.js";

export function codebookDecode(kernels: KernelCaller, term: Term<CodebookLayout>, target: Float32Array): void {
  checkDecode(term, target);
  kernels.call("codebook_decode", 0, term.layout.rows, ...codebookDecodeArguments(term), output(target));
}

/** What the kernels that decode such a term take between the rows and the target. */
export function codebookDecodeArguments({ layout, arrays }: Term<CodebookLayout>): KernelArgument[] {
  return [
    arrays.codes,
    arrays.scale,
    arrays.table,
    layout.columns,
    layout.bits,
    layout.groupSize,
    layout.granularity === "tensor" ? 1 : 0,
    SCALE_DTYPE_NUMBER[layout.scaleDtype],
  ];
}
