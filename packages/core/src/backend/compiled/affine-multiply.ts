import type { AffineLayout } from "../../terms/affine.js";
import type { Term } from "../../terms/term.js";
import { checkMultiply } from "../check-multiply.js";
import type { Activations } from "../ops/multiply-ops.js";
import { affineArguments } from "./affine-arguments.js";
import { multiplyTokens, tokenArguments } from "./float-tokens.js";
import type { KernelCaller } from "./kernel-caller.js";

export function affineMultiply(kernels: KernelCaller, term: Term<AffineLayout>, x: Activations, y: Float32Array): void {
  checkMultiply(term, x, y);
  multiplyTokens(kernels, x, term.layout.rows, y, term.layout, (given) =>
    kernels.call("affine_multiply", ...affineArguments(term), ...tokenArguments(given)),
  );
}
