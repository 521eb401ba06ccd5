import type { KernelBackend } from "@lowbit/core/backend";
import { expect, it } from "vitest";
import { expectCloseFloats } from "../expectations.js";
import { ODD_LENGTHS, RandomData } from "../random-data.js";
import { LAYER_RELATIVE } from "../tolerances.js";

const EPSILON = 1e-5;

type Norm = (
  backend: KernelBackend,
  x: { values: Float32Array; rows: number; columns: number },
  epsilon: number,
  random: RandomData,
) => Float32Array[];

/** The same random parameters for both backends: `run` draws them again from the same seed. */
function normCases(subject: () => KernelBackend, oracle: KernelBackend, run: Norm): void {
  const compare = (values: Float32Array, rows: number, columns: number, epsilon = EPSILON, size = 1) => {
    const x = { values, rows, columns };
    const actual = run(subject(), x, epsilon, new RandomData(columns));
    const wanted = run(oracle, x, epsilon, new RandomData(columns));
    for (const [i, found] of actual.entries()) expectCloseFloats(found, wanted[i]!, LAYER_RELATIVE, size);
    return actual;
  };

  it("is close at every length and start", () => {
    const random = new RandomData(101);
    for (const columns of [...ODD_LENGTHS, 576, 1000, 2048]) compare(random.activations(3 * columns), 3, columns);
    for (const rows of [0, 1, 2, 100]) compare(random.activations(rows * 70), rows, 70);
  });

  it("keeps its precision beside outliers, far from zero and at the ends of the range", () => {
    const random = new RandomData(102);
    const outlier = random.activations(512);
    outlier[77] = 3e4;
    compare(outlier, 1, 512, EPSILON, 10);
    compare(
      random.activations(512).map((v) => v + 1000),
      1,
      512,
      EPSILON,
      10,
    );
    compare(
      random.activations(256).map((v) => 1e-20 * v),
      1,
      256,
      EPSILON,
      1 / Math.sqrt(EPSILON),
    );
    compare(
      random.activations(256).map((v) => 1e30 * v),
      1,
      256,
    );
  });

  it("is finite for a row of zeros, and takes NaN and infinities to its row only", () => {
    expect(compare(new Float32Array(40), 2, 20, EPSILON, 1 / Math.sqrt(EPSILON))[0]!.every(Number.isFinite)).toBe(true);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const values = new RandomData(103).activations(3 * 33);
      values[40] = bad;
      const [y] = compare(values, 3, 33);
      expect(y!.subarray(33, 66).some(Number.isNaN)).toBe(true);
      expect(y!.subarray(0, 33).every(Number.isFinite) && y!.subarray(66).every(Number.isFinite)).toBe(true);
    }
  });
}

export function rmsNormCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  normCases(subject, oracle, (backend, x, epsilon, random) => {
    const y = new Float32Array(x.values.length);
    backend.rmsNorm(x, random.activations(x.columns), epsilon, y);
    return [y];
  });

  it("may write over its input", () => {
    const random = new RandomData(104);
    const [values, weight] = [random.activations(99), random.activations(33)];
    const wanted = new Float32Array(99);
    oracle.rmsNorm({ values, rows: 3, columns: 33 }, weight, EPSILON, wanted);
    subject().rmsNorm({ values, rows: 3, columns: 33 }, weight, EPSILON, values);
    expectCloseFloats(values, wanted, LAYER_RELATIVE);
  });
}

export function layerNormCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  normCases(subject, oracle, (backend, x, epsilon, random) => {
    const [weight, bias] = [random.activations(x.columns), random.activations(x.columns)];
    return [bias, null].map((b) => {
      const y = new Float32Array(x.values.length);
      backend.layerNorm(x, weight, b, epsilon, y);
      return y;
    });
  });

  it("may write over its input", () => {
    const random = new RandomData(105);
    const [values, weight, bias] = [random.activations(99), random.activations(33), random.activations(33)];
    const wanted = new Float32Array(99);
    oracle.layerNorm({ values, rows: 3, columns: 33 }, weight, bias, EPSILON, wanted);
    subject().layerNorm({ values, rows: 3, columns: 33 }, weight, bias, EPSILON, values);
    expectCloseFloats(values, wanted, LAYER_RELATIVE);
  });
}

/** Targets hold something before: gradients are added. */
export function rmsNormGradientCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  normCases(subject, oracle, (backend, x, epsilon, random) => {
    const { length } = x.values;
    const [weight, dy] = [random.activations(x.columns), random.activations(length)];
    const [dx, dWeight] = [random.activations(length), random.activations(x.columns)];
    backend.rmsNormGradient(x, weight, epsilon, dy, dx, dWeight);
    return [dx, dWeight];
  });
}

export function layerNormGradientCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  normCases(subject, oracle, (backend, x, epsilon, random) => {
    const { length } = x.values;
    const [weight, dy] = [random.activations(x.columns), random.activations(length)];
    const targets = [length, x.columns, x.columns, length, x.columns].map((size) => random.activations(size));
    const [dx, dWeight, dBias, dxWithout, dWeightWithout] = targets;
    backend.layerNormGradient(x, weight, epsilon, dy, dx!, dWeight!, dBias!);
    backend.layerNormGradient(x, weight, epsilon, dy, dxWithout!, dWeightWithout!, null);
    return targets;
  });
}
