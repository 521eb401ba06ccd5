import type { LayerStatistics } from "@lowbit/core/quantizers";
import { describe, expect, it } from "vitest";
import { evenSensitivity, lossSensitivity, predictedCost } from "./output-sensitivity.js";

const [SAMPLES, LENGTH, ROWS, COLUMNS] = [4000, 16, 3, 4];

/** Normal numbers from a fixed generator. */
function normals(): () => number {
  let state = 12345;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Statistics of independent inputs x (variance i + 1) and output gradients g (variance 1, 4, 9) of samples. */
function independentStatistics(): LayerStatistics {
  const normal = normals();
  const hessian = new Float64Array((COLUMNS * (COLUMNS + 1)) / 2);
  const gradients = new Float64Array(ROWS * COLUMNS);
  for (let sample = 0; sample < SAMPLES; sample++) {
    const mean = new Float64Array(ROWS * COLUMNS);
    for (let token = 0; token < LENGTH; token++) {
      const x = Array.from({ length: COLUMNS }, (_, i) => normal() * Math.sqrt(i + 1));
      const g = Array.from({ length: ROWS }, (_, o) => normal() * (o + 1));
      for (let i = 0, at = 0; i < COLUMNS; i++) {
        for (let j = 0; j <= i; j++, at++) hessian[at] = hessian[at]! + (2 / SAMPLES) * x[i]! * x[j]!;
      }
      for (const [o, value] of g.entries()) {
        for (const [i, input] of x.entries()) mean[o * COLUMNS + i]! += (value * input) / LENGTH;
      }
    }
    for (const [at, value] of mean.entries()) gradients[at] = gradients[at]! + value ** 2 / SAMPLES;
  }
  return {
    name: "layer",
    shape: { rows: ROWS, columns: COLUMNS },
    inFeatures: COLUMNS,
    samples: SAMPLES,
    tokens: SAMPLES * LENGTH,
    values: { hessian, "gradient-square": gradients },
  };
}

describe("lossSensitivity", () => {
  it("recovers E[g²] of every output, in nats per unit of d·H·dᵀ", () => {
    const { values, unit } = lossSensitivity(independentStatistics());
    expect(unit).toBe("loss");
    // s_o = ½ · G_o / (2 · T)
    for (const [output, value] of values.entries()) {
      const variance = value * 4 * LENGTH;
      expect(variance / (output + 1) ** 2).toBeGreaterThan(0.93);
      expect(variance / (output + 1) ** 2).toBeLessThan(1.07);
    }
  });

  it("is 0 where no input ever differs from 0", () => {
    const { values, ...rest } = independentStatistics();
    const dead = { ...values, hessian: new Float64Array(10) };
    expect([...lossSensitivity({ ...rest, values: dead }).values]).toEqual([0, 0, 0]);
  });
});

describe("evenSensitivity", () => {
  it("makes the cost the relative output error", () => {
    expect(predictedCost(evenSensitivity(2, 8), Float64Array.of(1, 3))).toBe(0.5);
    expect(predictedCost(evenSensitivity(2, 0), Float64Array.of(0, 0))).toBe(0);
  });
});
