import type { Term } from "../../terms/term.js";
import type { TernaryLayout } from "../../terms/ternary.js";
import { checkMultiply } from "../check-multiply.js";
import { checkInt8Group, DIGIT_LIMIT } from "../int8-products.js";
import type { Int8Activations } from "../ops/multiply-ops.js";
import { int8Operands } from "./activation-planes.js";
import { type KernelCaller, output } from "./kernel-caller.js";
import { digitShape, ternaryArguments } from "./ternary-arguments.js";

export function ternaryMultiplyInt8(
  kernels: KernelCaller,
  term: Term<TernaryLayout>,
  x: Int8Activations,
  y: Float32Array,
): void {
  checkMultiply(term, x, y);
  checkInt8Group("ternary", term.layout.groupSize, DIGIT_LIMIT);
  const operands = int8Operands(kernels, x, digitShape(term.layout));
  const { planes, sums } = operands();
  kernels.call("ternary_multiply_int8", ...ternaryArguments(term), x.codes, planes, sums, x.scale, x.tokens, output(y));
}
