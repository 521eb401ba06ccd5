import type { AffineLayout } from "../../terms/affine.js";
import type { Term } from "../../terms/term.js";
import { checkMultiply } from "../check-multiply.js";
import type { Activations } from "../ops/multiply-ops.js";
import { floatOperands } from "./activation-planes.js";
import { affineArguments } from "./affine-arguments.js";
import { type KernelCaller, output } from "./kernel-caller.js";

export function affineMultiply(kernels: KernelCaller, term: Term<AffineLayout>, x: Activations, y: Float32Array): void {
  checkMultiply(term, x, y);
  const operands = floatOperands(kernels, x, term.layout);
  const { planes, sums } = operands();
  kernels.call("affine_multiply", ...affineArguments(term), x.values, planes, sums, x.tokens, output(y));
}
