import type { RowBlock } from "../../tensor/row-block.js";
import type { CodebookLayout } from "../../terms/codebook.js";
import type { Term } from "../../terms/term.js";
import { checkCodebookEncode } from "../check-code-fits.js";
import { type KernelCaller, output } from "./kernel-caller.js";
import { SCALE_DTYPE_NUMBER } from "./kernel-enums.js";

export function codebookEncode(kernels: KernelCaller, block: RowBlock, term: Term<CodebookLayout>): void {
  const { layout, arrays } = term;
  checkCodebookEncode(block, term);
  kernels.call(
    "codebook_encode",
    0,
    block.rows,
    block.values,
    block.rows,
    block.columns,
    layout.bits,
    layout.groupSize,
    layout.granularity === "tensor" ? 1 : 0,
    SCALE_DTYPE_NUMBER[layout.scaleDtype],
    output(arrays.codes),
    arrays.scale,
    arrays.table,
  );
}
