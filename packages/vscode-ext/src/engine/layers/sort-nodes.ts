import type { LayerSortKey } from "../../protocol/layer-messages.js";
import type { StatisticsStore } from "../statistics-store.js";
import type { LayerNode } from "./layer-tree.js";

export interface SortOrder {
  readonly sort: LayerSortKey;
  readonly descending: boolean;
}

const MEASURED: ReadonlySet<LayerSortKey> = new Set([
  "absMaximum",
  "rms",
  "kurtosis",
  "outlierShare",
  "nonFiniteCount",
]);

/** Whether an order changes when a weight was measured. */
export function isMeasured(sort: LayerSortKey): boolean {
  return MEASURED.has(sort);
}

/** Siblings in order, those without a figure last in either direction. The order of the checkpoint is the order of names. */
export function sortNodes(
  nodes: readonly LayerNode[],
  order: SortOrder,
  statistics: StatisticsStore,
): readonly LayerNode[] {
  const { sort, descending } = order;
  if (sort === "name") return descending ? nodes.toReversed() : nodes;
  const direction = descending ? -1 : 1;
  const keyed = nodes.map((node) => ({ node, figure: figureOf(node, sort, statistics) }));
  keyed.sort((a, b) => {
    if (a.figure === undefined || b.figure === undefined)
      return Number(a.figure === undefined) - Number(b.figure === undefined);
    if (a.figure === b.figure) return 0;
    return a.figure < b.figure ? -direction : direction;
  });
  return keyed.map(({ node }) => node);
}

/** A module has the largest figure of what was measured below it. */
function figureOf(node: LayerNode, sort: LayerSortKey, statistics: StatisticsStore): number | string | undefined {
  switch (sort) {
    case "name":
      return node.name;
    case "storage":
      return node.row?.storage;
    case "parameters":
      return node.parameters;
    case "bytes":
      return node.bytes;
    case "bitsPerWeight":
      return node.parameters === 0 ? undefined : (node.bytes * 8) / node.parameters;
    default:
      return largestBelow(node, sort, statistics);
  }
}

function largestBelow(
  node: LayerNode,
  sort: "absMaximum" | "rms" | "kurtosis" | "outlierShare" | "nonFiniteCount",
  statistics: StatisticsStore,
): number | undefined {
  let largest: number | undefined;
  const see = (value: number | undefined): void => {
    if (value !== undefined && !Number.isNaN(value) && !(largest !== undefined && largest >= value)) largest = value;
  };
  const own = node.row === undefined ? undefined : statistics.layer(node.row.name);
  if (own !== undefined) see(sort === "nonFiniteCount" ? own.nanCount + own.infiniteCount : own[sort]);
  for (const child of node.children) see(largestBelow(child, sort, statistics));
  return largest;
}
