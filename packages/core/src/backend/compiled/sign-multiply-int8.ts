import type { SignLayout } from "../../terms/sign.js";
import type { Term } from "../../terms/term.js";
import { checkMultiply } from "../check-multiply.js";
import { checkInt8Group, dequantizedActivations } from "../int8-products.js";
import type { Int8Activations } from "../ops/multiply-ops.js";
import { int8Operands } from "./activation-planes.js";
import { type KernelCaller, output } from "./kernel-caller.js";
import { SCALE_DTYPE_NUMBER } from "./kernel-enums.js";
import { signMultiply } from "./sign-multiply.js";

export function signMultiplyInt8(
  kernels: KernelCaller,
  term: Term<SignLayout>,
  x: Int8Activations,
  y: Float32Array,
): void {
  checkMultiply(term, x, y);
  const { layout, arrays } = term;
  // A factor a column leaves nothing that is an integer.
  if (layout.hasColumnScale) {
    signMultiply(kernels, term, dequantizedActivations(x), y);
    return;
  }

  checkInt8Group("sign", layout.groupSize, 1);
  const { columns } = layout;
  const shape = { bits: layout.zones === 1 ? 1 : 0, columns, groupSize: layout.groupSize };
  const operands = int8Operands(kernels, x, shape);
  const { planes, sums } = operands();
  kernels.call(
    "sign_multiply_int8",
    0,
    layout.rows,
    arrays.signs,
    layout.rows,
    columns,
    layout.groupSize,
    layout.granularity === "tensor" ? 1 : 0,
    layout.zones,
    arrays.scale,
    SCALE_DTYPE_NUMBER[layout.scaleDtype],
    layout.hasMean ? arrays.mean! : null,
    layout.zones > 1 ? arrays.zoneMap! : null,
    x.codes,
    planes,
    sums,
    x.scale,
    x.tokens,
    output(y),
  );
}
