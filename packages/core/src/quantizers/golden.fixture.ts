import { readFileSync } from "node:fs";
import { expect } from "vitest";

/** A file of `__golden__/`: cases computed by the tool that `provenance` names, for one small matrix. */
export interface Golden<C> {
  readonly provenance: string;
  readonly columns: number;
  readonly group: number;
  readonly weights: Float32Array;
  readonly cases: readonly C[];
}

export function readGolden<C>(path: string, base: string): Golden<C> {
  const file = JSON.parse(readFileSync(new URL(path, base), "utf8")) as Golden<C>;
  return { ...file, weights: Float32Array.from(file.weights) };
}

/** Equal up to the rounding of f32 sums: a few units in the last place of weights of this size. */
const F32_ROUNDING = 1e-8;

export function expectDecoded(actual: Float32Array, wanted: readonly number[]): void {
  expect(actual.length).toBe(wanted.length);
  actual.forEach((value, i) => {
    expect(Math.abs(value - wanted[i]!), `weight ${i}: ${value} instead of ${wanted[i]}`).toBeLessThan(F32_ROUNDING);
  });
}
