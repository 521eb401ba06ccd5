import { type ModuleNode, moduleTree } from "@lowbit/core/analysis";
import type { LayerRow } from "../model/layer-row.js";

export type LayerNode = ModuleNode<LayerRow>;

/** Totals of everything below a node, itself included. */
export interface NodeTotals {
  /** At most four, in order of appearance. */
  readonly storages: readonly string[];
  readonly claimedBits: number;
  readonly quantized: number;
}

const MOST_STORAGES = 4;

/** The tree of all rows. */
export function layerTree(rows: readonly LayerRow[]): LayerNode {
  const tree = moduleTree(rows);
  // A model of one weight is that weight, and one whose names all begin alike is still a list below that beginning.
  const isFolder = tree.name === "" && tree.row === undefined;
  const { parameters, bytes } = tree;
  return isFolder ? tree : { name: "", parameters, bytes, children: [tree] };
}

/** What is left of a tree of `count` rows with some of them: as `layerTree` of these rows. */
export function prunedTree(root: LayerNode, rows: readonly LayerRow[], count: number): LayerNode {
  const isLeft = new Uint8Array(count);
  for (const { index } of rows) isLeft[index] = 1;
  const prune = (node: LayerNode): LayerNode | undefined => {
    const row = node.row !== undefined && isLeft[node.row.index] === 1 ? node.row : undefined;
    if (node.children.length === 0) return row === undefined ? undefined : node;
    const children: LayerNode[] = [];
    let parameters = row?.parameters ?? 0;
    let bytes = row?.bytes ?? 0;
    for (const child of node.children) {
      const left = prune(child);
      if (left === undefined) continue;
      children.push(left);
      parameters += left.parameters;
      bytes += left.bytes;
    }
    if (children.length === 0)
      return row === undefined ? undefined : { name: node.name, parameters, bytes, children, row };
    const [only] = children;
    if (children.length === 1 && row === undefined && node !== root) {
      return { ...only!, name: `${node.name}.${only!.name}` };
    }
    return { name: node.name, parameters, bytes, children, ...(row !== undefined && { row }) };
  };
  return prune(root) ?? { name: "", parameters: 0, bytes: 0, children: [] };
}

/** Totals of every node, each counted once, when they are asked for. */
export function nodeTotals(): (node: LayerNode) => NodeTotals {
  const known = new Map<LayerNode, NodeTotals>();
  const totalsOf = (node: LayerNode): NodeTotals => {
    const before = known.get(node);
    if (before !== undefined) return before;
    const storages = new Set<string>();
    let claimedBits = 0;
    let quantized = 0;
    if (node.row !== undefined) {
      storages.add(node.row.storage);
      claimedBits += node.row.claimedBitsPerWeight * node.row.parameters;
      quantized += node.row.weight.kind === "quantized" ? 1 : 0;
    }
    for (const child of node.children) {
      const below = isLeaf(child) ? leafTotals(child) : totalsOf(child);
      for (const storage of below.storages) if (storages.size < MOST_STORAGES) storages.add(storage);
      claimedBits += below.claimedBits;
      quantized += below.quantized;
    }
    // A node that stands for several has the children of the first one.
    const equal = node.equal ?? 1;
    const totals = { storages: [...storages], claimedBits: claimedBits * equal, quantized: quantized * equal };
    known.set(node, totals);
    return totals;
  };
  return totalsOf;
}

function isLeaf(node: LayerNode): boolean {
  return node.children.length === 0 && node.equal === undefined;
}

function leafTotals({ row }: LayerNode): NodeTotals {
  if (row === undefined) return { storages: [], claimedBits: 0, quantized: 0 };
  return {
    storages: [row.storage],
    claimedBits: row.claimedBitsPerWeight * row.parameters,
    quantized: row.weight.kind === "quantized" ? 1 : 0,
  };
}
