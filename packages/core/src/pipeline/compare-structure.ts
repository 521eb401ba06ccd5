import { isFloatDtype } from "../dtype/dtype-table.js";
import type { LogicalWeight } from "../layouts/logical-weight.js";
import { recogniseWeights } from "../layouts/recognise.js";
import type { Checkpoint } from "../safetensors/checkpoint.js";

/** Something that is not the same before any value is looked at. */
export type StructureDifference =
  | { readonly kind: "only-left" | "only-right"; readonly weight: string }
  | {
      readonly kind: "shape";
      readonly weight: string;
      readonly left: readonly number[];
      readonly right: readonly number[];
    }
  | { readonly kind: "dtype"; readonly weight: string; readonly left: string; readonly right: string };

/** A weight that both checkpoints hold, of equal shape. */
export interface WeightPair {
  readonly left: LogicalWeight;
  readonly right: LogicalWeight;
}

export interface ComparedStructure {
  readonly differences: readonly StructureDifference[];
  /** Both hold real numbers: `compareWeights` measures them. */
  readonly pairs: readonly WeightPair[];
  /** Integers, booleans, complex numbers of one dtype: equal or not. */
  readonly otherPairs: readonly WeightPair[];
}

/**
 * Compares what the headers of two checkpoints say; weights by name, whatever stores them.
 * @param options.matches which weights; all by default
 * @throws as `recogniseWeights`
 */
export function compareStructure(
  left: Checkpoint,
  right: Checkpoint,
  options: { readonly matches?: (name: string) => boolean } = {},
): ComparedStructure {
  const wanted = (weights: readonly LogicalWeight[]) => weights.filter(({ name }) => options.matches?.(name) ?? true);
  return pairWeights(wanted(recogniseWeights(left)), wanted(recogniseWeights(right)));
}

/** The same of weights that are known already. */
export function pairWeights(
  leftWeights: readonly LogicalWeight[],
  rightWeights: readonly LogicalWeight[],
): ComparedStructure {
  const rights = new Map(rightWeights.map((weight) => [weight.name, weight]));
  const differences: StructureDifference[] = [];
  const pairs: WeightPair[] = [];
  const otherPairs: WeightPair[] = [];
  for (const one of leftWeights) {
    const { name } = one;
    const other = rights.get(name);
    rights.delete(name);
    if (other === undefined) differences.push({ kind: "only-left", weight: name });
    else if (!isSameShape(one.shape, other.shape)) {
      differences.push({ kind: "shape", weight: name, left: one.shape, right: other.shape });
    } else if (hasValues(one) && hasValues(other)) pairs.push({ left: one, right: other });
    else if (one.dtype !== other.dtype) {
      differences.push({ kind: "dtype", weight: name, left: one.dtype, right: other.dtype });
    } else otherPairs.push({ left: one, right: other });
  }
  for (const weight of rights.keys()) differences.push({ kind: "only-right", weight });
  return { differences, pairs, otherPairs };
}

/** Whether a weight holds real numbers. */
export function hasValues(weight: LogicalWeight): boolean {
  return weight.kind === "quantized" || isFloatDtype(weight.dtype);
}

function isSameShape(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((size, axis) => size === other[axis]);
}
