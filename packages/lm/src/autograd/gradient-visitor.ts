import { LowbitError } from "@lowbit/core/errors";
import { isFiniteArray } from "../forward/is-finite-array.js";
import type { Parameter, ParameterKind } from "./parameter-gradients.js";

/** Sees one gradient at a time; `gradient` is used again afterwards, so copy what you keep. */
export type GradientVisitor = (
  name: string,
  kind: ParameterKind,
  gradient: Float32Array,
  shape: readonly number[],
) => void;

/**
 * Visits a gradient that is finite. The backward pass runs from the loss, so the first one that is not is where it began.
 * @throws `gradient/non-finite-loss`
 */
export function visitFinite({ name, kind, shape }: Parameter, gradient: Float32Array, visit: GradientVisitor): void {
  if (!isFiniteArray(gradient)) {
    throw new LowbitError(
      "gradient/non-finite-loss",
      `The loss is finite, but the gradient of ${name} is not; gradients nearer to the loss are.`,
      { where: name },
    );
  }
  visit(name, kind, gradient, shape);
}
