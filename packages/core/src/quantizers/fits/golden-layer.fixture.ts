import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { CalibratedLayer } from "../calibrated-quantizer.js";

/** A file of `__golden__/` of a calibrated method: one small layer with its Hessian, and what comes out of it. */
export interface GoldenLayer<C> {
  readonly layer: CalibratedLayer;
  /** Options that all cases share. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly cases: readonly (C & { readonly decoded: readonly number[] })[];
}

interface GoldenFile<C> {
  readonly provenance: string;
  readonly rows: number;
  readonly columns: number;
  readonly weights: readonly number[];
  readonly hessian: readonly number[];
  readonly cases: GoldenLayer<C>["cases"];
  readonly [option: string]: unknown;
}

export function readGoldenLayer<C>(path: string, base: string): GoldenLayer<C> {
  const file = JSON.parse(readFileSync(new URL(path, base), "utf8")) as GoldenFile<C>;
  const { provenance: _, rows, columns, weights, hessian, cases, ...options } = file;
  const statistics = {
    name: "golden.weight",
    shape: { rows, columns },
    inFeatures: columns,
    samples: 1,
    tokens: columns,
    values: { hessian: Float64Array.from(hessian) },
  };
  return { layer: { weights: { rows, columns, values: Float32Array.from(weights) }, statistics }, options, cases };
}

/** The loop runs in f32 and its errors add up; another code somewhere would differ by a hundred times as much. */
const F32_LOOP = 1e-4;

export function expectLayer(actual: Float32Array, wanted: readonly number[]): void {
  expect(actual.length).toBe(wanted.length);
  actual.forEach((value, i) => {
    expect(Math.abs(value - wanted[i]!), `weight ${i}: ${value} instead of ${wanted[i]}`).toBeLessThan(F32_LOOP);
  });
}
