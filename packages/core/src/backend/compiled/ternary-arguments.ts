import type { Term } from "../../terms/term.js";
import type { TernaryLayout } from "../../terms/ternary.js";
import type { CodeShape } from "./activation-planes.js";
import type { KernelArgument } from "./kernel-caller.js";
import { SCALE_DTYPE_NUMBER, TRIT_PACKING_NUMBER } from "./kernel-enums.js";

/** The arguments that describe the term, of both products with ternary terms. */
export function ternaryArguments({ layout, arrays }: Term<TernaryLayout>): KernelArgument[] {
  return [
    0,
    layout.rows,
    arrays.digits,
    layout.rows,
    layout.columns,
    TRIT_PACKING_NUMBER[layout.packing],
    layout.groupSize,
    layout.granularity === "tensor" ? 1 : 0,
    arrays.scale,
    SCALE_DTYPE_NUMBER[layout.scaleDtype],
  ];
}

/** Five digits a byte have no fields. */
export function digitShape({ columns, groupSize, packing }: TernaryLayout): CodeShape {
  return { bits: packing === "two-bit" ? 2 : 0, columns, groupSize };
}
