import type { AffineLayout } from "../../terms/affine.js";
import type { Term } from "../../terms/term.js";
import { checkMultiply } from "../check-multiply.js";
import { checkInt8Group } from "../int8-products.js";
import type { Int8Activations } from "../ops/multiply-ops.js";
import { int8Operands } from "./activation-planes.js";
import { affineArguments } from "./affine-arguments.js";
import { type KernelCaller, output } from "./kernel-caller.js";

export function affineMultiplyInt8(
  kernels: KernelCaller,
  term: Term<AffineLayout>,
  x: Int8Activations,
  y: Float32Array,
): void {
  checkMultiply(term, x, y);
  checkInt8Group("affine", term.layout.groupSize, 2 ** term.layout.bits - 1);
  const operands = int8Operands(kernels, x, term.layout);
  const { planes, sums } = operands();
  kernels.call("affine_multiply_int8", ...affineArguments(term), x.codes, planes, sums, x.scale, x.tokens, output(y));
}
