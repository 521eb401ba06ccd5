import type { Term } from "../../terms/term.js";
import type { TernaryLayout } from "../../terms/ternary.js";
import { checkMultiply } from "../check-multiply.js";
import type { Activations } from "../ops/multiply-ops.js";
import { multiplyTokens, tokenArguments } from "./float-tokens.js";
import type { KernelCaller } from "./kernel-caller.js";
import { digitShape, ternaryArguments } from "./ternary-arguments.js";

export function ternaryMultiply(
  kernels: KernelCaller,
  term: Term<TernaryLayout>,
  x: Activations,
  y: Float32Array,
): void {
  checkMultiply(term, x, y);
  multiplyTokens(kernels, x, term.layout.rows, y, digitShape(term.layout), (given) =>
    kernels.call("ternary_multiply", ...ternaryArguments(term), ...tokenArguments(given)),
  );
}
