import type { CheckpointTensor } from "@lowbit/core/safetensors";
import type { LayerQuery } from "../../protocol/layer-messages.js";
import type { StatisticsStore } from "../statistics-store.js";
import type { LayerNode } from "./layer-tree.js";
import { sortNodes } from "./sort-nodes.js";

/** One line of the table before it is described. */
export interface FlatLine {
  /** Of the module that it stands in. */
  readonly path: string;
  readonly node: LayerNode;
  /** A tensor of the node's quantized weight. */
  readonly part?: CheckpointTensor;
  readonly depth: number;
  readonly canUnfold: boolean;
  readonly isUnfolded: boolean;
  readonly position: number;
  readonly setSize: number;
}

/** What is unfolded: as the query says, the other way round for `except`. */
export function foldingOf({ unfolded, except }: Pick<LayerQuery, "unfolded" | "except">): Folding {
  const named = unfolded === "all" ? undefined : new Set(unfolded);
  const turned = new Set(except);
  return (id, isModule) => (named === undefined ? isModule : named.has(id)) !== turned.has(id);
}

export type Folding = (id: string, isModule: boolean) => boolean;

/** The lines below `root`, as they are unfolded. */
export function flatLines(
  root: LayerNode,
  query: Pick<LayerQuery, "sort" | "descending" | "unfolded" | "except">,
  statistics: StatisticsStore,
): FlatLine[] {
  const isUnfoldedId = foldingOf(query);
  const lines: FlatLine[] = [];
  const visit = (nodes: readonly LayerNode[], path: string, depth: number): void => {
    const sorted = sortNodes(nodes, query, statistics);
    for (let i = 0; i < sorted.length; i++) {
      const node = sorted[i]!;
      const parts = partsOf(node);
      const isModule = node.children.length > 0;
      const canUnfold = isModule || parts.length > 0;
      const isUnfolded = canUnfold && isUnfoldedId(lineId(path, node), isModule);
      lines.push({ path, node, depth, canUnfold, isUnfolded, position: i + 1, setSize: sorted.length });
      if (!isUnfolded) continue;
      for (const [index, part] of parts.entries()) {
        const setSize = parts.length + node.children.length;
        lines.push({
          path,
          node,
          part,
          depth: depth + 1,
          canUnfold: false,
          isUnfolded: false,
          position: index + 1,
          setSize,
        });
      }
      if (isModule) visit(node.children, childPath(path, node), depth + 1);
    }
  };
  visit(root.children, "", 0);
  return lines;
}

export function childPath(path: string, { name }: LayerNode): string {
  return path === "" ? name : `${path}.${name}`;
}

/** Modules by their path, weights by their name: a name with dots may be both. Parts by the names of weight and tensor. */
export function lineId(path: string, node: LayerNode, part?: CheckpointTensor): string {
  if (part !== undefined) return `p:${node.row!.name}:${part.name}`;
  return node.row === undefined ? `m:${childPath(path, node)}` : `w:${node.row.name}`;
}

/** Tensors that are listed below a weight: none where the weight is one tensor. */
function partsOf({ row }: LayerNode): readonly CheckpointTensor[] {
  return row?.weight.kind === "quantized" && row.weight.tensors.length > 1 ? row.weight.tensors : [];
}
