import type { LogicalRow } from "./logical-row.js";

/** A module ("model.layers.0.mlp") with the totals of everything below it. */
export interface ModuleNode {
  readonly name: string;
  readonly parameters: number;
  readonly bytes: number;
  readonly children: readonly ModuleNode[];
  /** The weight itself, at a leaf. */
  readonly row?: LogicalRow;
}

interface Branch {
  readonly branches: Map<string, Branch>;
  row?: LogicalRow;
}

/** Folds the rows by the dots in their names; modules with one child are joined with it ("mlp.up_proj.weight"). */
export function moduleTree(rows: readonly LogicalRow[]): ModuleNode {
  const root: Branch = { branches: new Map() };
  for (const row of rows) {
    let branch = root;
    for (const part of row.name.split(".")) {
      let next = branch.branches.get(part);
      if (!next) branch.branches.set(part, (next = { branches: new Map() }));
      branch = next;
    }
    branch.row = row;
  }
  return toNode("", root);
}

function toNode(name: string, branch: Branch): ModuleNode {
  const [only] = branch.branches;
  if (branch.branches.size === 1 && !branch.row && only) return toNode(name === "" ? only[0] : `${name}.${only[0]}`, only[1]);
  const children = [...branch.branches].map(([part, child]) => toNode(part, child));
  const own = branch.row;
  return {
    name,
    parameters: (own?.parameters ?? 0) + children.reduce((sum, child) => sum + child.parameters, 0),
    bytes: (own?.bytes ?? 0) + children.reduce((sum, child) => sum + child.bytes, 0),
    children,
    ...(own ? { row: own } : {}),
  };
}

/** Lines of the tree with the box-drawing stems of `tree`, each with its node. */
export function treeLines(root: ModuleNode): { readonly text: string; readonly node: ModuleNode }[] {
  const lines: { text: string; node: ModuleNode }[] = [{ text: root.name === "" ? "." : root.name, node: root }];
  const walk = (node: ModuleNode, indent: string): void => {
    node.children.forEach((child, index) => {
      const last = index === node.children.length - 1;
      lines.push({ text: `${indent}${last ? "└─ " : "├─ "}${child.name}`, node: child });
      walk(child, indent + (last ? "   " : "│  "));
    });
  };
  walk(root, "");
  return lines;
}
