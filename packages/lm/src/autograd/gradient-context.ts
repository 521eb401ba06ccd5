import type { LinearContext } from "../forward/rounded-activations.js";
import type { Tensor } from "../forward/tensor.js";
import type { ParameterGradients } from "./parameter-gradients.js";
import type { Tape } from "./tape.js";

/**
 * What every vector-Jacobian product works with. They take the gradient of an op's output and add to those of its inputs
 * (`tape.gradient`) and parameters. Views of memory are taken last, because allocating may move it.
 */
export interface GradientContext extends LinearContext {
  readonly tape: Tape;
  readonly parameters: ParameterGradients;
}

/** Runs `body` with a tensor of zeros and frees it afterwards. */
export function withZeros(
  { pool }: GradientContext,
  rows: number,
  columns: number,
  body: (zeros: Tensor) => void,
): void {
  const zeros = pool.allocate(rows, columns);
  zeros.values.fill(0);
  try {
    body(zeros);
  } finally {
    pool.giveBack(zeros.buffer);
  }
}
