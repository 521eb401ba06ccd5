import { erf } from "../../linalg/erf.js";
import type { ActivationKind } from "../ops/layer-ops.js";

interface ActivationFunction {
  readonly value: (x: number) => number;
  /** df/dx; of the kinked ones 0 at 0. */
  readonly derivative: (x: number) => number;
}

/** Every activation in f64. */
export const ACTIVATION_FUNCTIONS: Readonly<Record<ActivationKind, ActivationFunction>> = {
  silu: {
    value: (x) => x * sigmoid(x),
    derivative: (x) => sigmoid(x) * (1 + x * (1 - sigmoid(x))),
  },
  gelu: {
    value: (x) => x * normalShare(x),
    derivative: (x) => normalShare(x) + x * Math.exp(-0.5 * x * x) * Math.sqrt(0.5 / Math.PI),
  },
  "gelu-tanh": {
    value: (x) => 0.5 * x * (1 + Math.tanh(tanhArgument(x))),
    derivative: (x) => {
      const tanh = Math.tanh(tanhArgument(x));
      return 0.5 * (1 + tanh) + 0.5 * x * (1 - tanh * tanh) * tanhSlope(x);
    },
  },
  relu: { value: (x) => Math.max(x, 0), derivative: (x) => Math.sign(Math.max(x, 0)) },
  relu2: { value: (x) => Math.max(x, 0) ** 2, derivative: (x) => 2 * Math.max(x, 0) },
};

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** The standard normal distribution function. */
function normalShare(x: number): number {
  return 0.5 * (1 + erf(x * Math.SQRT1_2));
}

/** √(2/π) · (x + 0.044715·x³). */
function tanhArgument(x: number): number {
  return Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);
}

function tanhSlope(x: number): number {
  return Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
}
