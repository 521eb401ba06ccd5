import type { Term } from "../../terms/term.js";
import type { TernaryLayout } from "../../terms/ternary.js";
import { checkMultiply } from "../check-multiply.js";
import type { Activations } from "../ops/multiply-ops.js";
import { floatOperands } from "./activation-planes.js";
import { type KernelCaller, output } from "./kernel-caller.js";
import { digitShape, ternaryArguments } from "./ternary-arguments.js";

export function ternaryMultiply(
  kernels: KernelCaller,
  term: Term<TernaryLayout>,
  x: Activations,
  y: Float32Array,
): void {
  checkMultiply(term, x, y);
  const operands = floatOperands(kernels, x, digitShape(term.layout));
  const { planes, sums } = operands();
  kernels.call("ternary_multiply", ...ternaryArguments(term), x.values, planes, sums, x.tokens, output(y));
}
