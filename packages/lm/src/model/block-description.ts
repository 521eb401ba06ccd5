import { inputGroups } from "./input-groups.js";
import type { Block, LinearLayer } from "./layers.js";

/** Name and sizes of a linear layer, without its weights. */
export type LinearShape = Pick<
  LinearLayer,
  "name" | "rows" | "columns" | "outFeatures" | "inFeatures" | "isTransposed"
>;

/** What is known of a block before it is loaded. */
export interface BlockDescription {
  readonly index: number;
  /** Layers that read the same input, in the order of the forward pass; see `inputGroups`. */
  readonly groups: readonly (readonly LinearShape[])[];
  /** Memory of its weights. */
  readonly byteLength: number;
}

export function describeBlock(block: Block, byteLength: number): BlockDescription {
  const groups = inputGroups(block).map((layers) => layers.map(linearShape));
  return { index: block.index, groups, byteLength };
}

function linearShape(layer: LinearLayer): LinearShape {
  const { name, rows, columns, outFeatures, inFeatures, isTransposed } = layer;
  return { name, rows, columns, outFeatures, inFeatures, isTransposed };
}
