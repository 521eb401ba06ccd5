import { laneSum } from "../../linalg/lane-sum.js";
import type { Int8Activations } from "../ops/multiply-ops.js";

/** Sums over consecutive groups of one row and one token: exact integers. */
export interface GroupSums {
  /** Σ code · activation. */
  readonly products: Int32Array;
  /** Σ activation. */
  readonly activations: Int32Array;
}

/** @param codes one a column, any integers */
export function groupSums(codes: ArrayLike<number>, activations: Int8Array, groupSize: number): GroupSums {
  const groups = Math.ceil(activations.length / groupSize);
  const sums = { products: new Int32Array(groups), activations: new Int32Array(groups) };
  activations.forEach((activation, column) => {
    const group = Math.floor(column / groupSize);
    sums.products[group]! += codes[column]! * activation;
    sums.activations[group]! += activation;
  });
  return sums;
}

/** `y += scale of the token · laneSum(scaled group sums)`, each step in f32. */
export function addGroups(scaled: Float32Array, x: Int8Activations, token: number, y: Float32Array, at: number): void {
  y[at]! += Math.fround(x.scale[token]! * laneSum(scaled));
}

export function tokenCodes(x: Int8Activations, token: number): Int8Array {
  return x.codes.subarray(token * x.columns, (token + 1) * x.columns);
}
