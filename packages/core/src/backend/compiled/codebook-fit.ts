import type { RowBlock } from "../../tensor/row-block.js";
import type { CodebookLayout } from "../../terms/codebook.js";
import type { Term } from "../../terms/term.js";
import { checkCodebookFit } from "../check-code-fits.js";
import { type KernelCaller, output } from "./kernel-caller.js";
import { SCALE_DTYPE_NUMBER } from "./kernel-enums.js";

export function codebookFit(kernels: KernelCaller, block: RowBlock, term: Term<CodebookLayout>): void {
  const { layout, arrays } = term;
  checkCodebookFit(block, term);
  kernels.call(
    "codebook_fit",
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
    arrays.table,
  );
}
