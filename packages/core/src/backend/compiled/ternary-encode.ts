import type { RowBlock } from "../../tensor/row-block.js";
import type { Term } from "../../terms/term.js";
import type { TernaryLayout } from "../../terms/ternary.js";
import { checkTernaryEncode } from "../check-sign-fits.js";
import { type KernelCaller, output } from "./kernel-caller.js";
import { SCALE_DTYPE_NUMBER, TRIT_PACKING_NUMBER } from "./kernel-enums.js";
import { scalesPerRow } from "./scales-per-row.js";

export function ternaryEncode(
  kernels: KernelCaller,
  block: RowBlock,
  term: Term<TernaryLayout>,
  threshold?: number,
): void {
  checkTernaryEncode(block, term);
  const { layout, arrays } = term;
  kernels.call(
    "ternary_encode",
    0,
    block.rows,
    block.values,
    block.columns,
    layout.groupSize,
    scalesPerRow(layout, block.columns),
    SCALE_DTYPE_NUMBER[layout.scaleDtype],
    TRIT_PACKING_NUMBER[layout.packing],
    threshold === undefined ? 0 : 1,
    threshold ?? 0,
    arrays.scale,
    output(arrays.digits),
  );
}
