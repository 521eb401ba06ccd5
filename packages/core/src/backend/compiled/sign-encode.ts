import type { RowBlock } from "../../tensor/row-block.js";
import type { SignLayout } from "../../terms/sign.js";
import type { Term } from "../../terms/term.js";
import { checkSignEncode } from "../check-sign-fits.js";
import { type KernelCaller, output } from "./kernel-caller.js";
import { SCALE_DTYPE_NUMBER } from "./kernel-enums.js";
import { scalesPerRow } from "./scales-per-row.js";

export function signEncode(kernels: KernelCaller, block: RowBlock, term: Term<SignLayout>): void {
  const { layout, arrays } = term;
  checkSignEncode(block, term);
  kernels.call(
    "sign_encode",
    0,
    block.rows,
    block.values,
    block.columns,
    layout.groupSize,
    scalesPerRow(layout, block.columns),
    SCALE_DTYPE_NUMBER[layout.scaleDtype],
    arrays.mean ?? null,
    output(arrays.signs),
  );
}
