import { expect } from "vitest";

type Arrays = Readonly<Record<string, Float32Array>>;

/** Outputs of an op lie in f32: a step large against their rounding, small against the bends of the functions. */
const STEP = 2 ** -5;

/**
 * Compares gradients with differences of an op. `forward` gives y for some inputs; `backward` the gradients of Σ dy·y by
 * each of them, under the same names. The difference (8·(f(h) − f(−h)) − (f(2h) − f(−2h))) / 12h is right up to h⁴.
 */
export function expectGradients(
  inputs: Arrays,
  forward: (inputs: Arrays) => Float32Array,
  dy: Float32Array,
  backward: (inputs: Arrays, dy: Float32Array) => Arrays,
  relative = 1e-4,
): void {
  const gradients = backward(inputs, dy);
  expect(Object.keys(gradients).sort()).toEqual(Object.keys(inputs).sort());
  for (const [name, input] of Object.entries(inputs)) {
    const gradient = gradients[name]!;
    const largest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
    expect(gradient.length).toBe(input.length);
    for (let i = 0; i < input.length; i++) {
      const lossAt = (step: number) => {
        const moved = input.slice();
        moved[i]! += step;
        return weightedSum(forward({ ...inputs, [name]: moved }), dy);
      };
      const difference = (8 * (lossAt(STEP) - lossAt(-STEP)) - (lossAt(2 * STEP) - lossAt(-2 * STEP))) / (12 * STEP);
      if (!(Math.abs(difference - gradient[i]!) <= relative * largest)) {
        expect({ name, i, gradient: gradient[i] }).toEqual({ name, i, gradient: difference });
      }
    }
  }
}

function weightedSum(y: Float32Array, dy: Float32Array): number {
  return y.reduce((sum, value, i) => sum + value * dy[i]!, 0);
}
