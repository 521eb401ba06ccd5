import type { RowBlock } from "../../tensor/row-block.js";
import type { Term } from "../../terms/term.js";
import type { TernaryLayout } from "../../terms/ternary.js";
import { checkTernaryFit } from "../check-sign-fits.js";
import type { TernaryRule } from "../ops/fit-ops.js";
import { type KernelCaller, output } from "./kernel-caller.js";
import { SCALE_DTYPE_NUMBER, TERNARY_RULE_NUMBER, TRIT_PACKING_NUMBER } from "./kernel-enums.js";

export function ternaryFit(kernels: KernelCaller, block: RowBlock, term: Term<TernaryLayout>, rule: TernaryRule): void {
  const { layout, arrays } = term;
  checkTernaryFit(block, term);
  kernels.call(
    "ternary_fit",
    0,
    block.rows,
    block.values,
    block.columns,
    layout.groupSize,
    SCALE_DTYPE_NUMBER[layout.scaleDtype],
    TRIT_PACKING_NUMBER[layout.packing],
    TERNARY_RULE_NUMBER[rule],
    output(arrays.digits),
    output(arrays.scale),
  );
}
