import type { ModuleNode } from "@lowbit/core/analysis";
import type { LogicalRow } from "@lowbit/core/layouts";

/** Lines of the tree with the box-drawing stems of `tree`, each with its node. */
export function treeLines(
  root: ModuleNode<LogicalRow>,
): { readonly text: string; readonly node: ModuleNode<LogicalRow> }[] {
  const lines = [{ text: root.name === "" ? "." : root.name, node: root }];
  const walk = (node: ModuleNode<LogicalRow>, indent: string): void => {
    node.children.forEach((child, index) => {
      const last = index === node.children.length - 1;
      const note = child.equal === undefined ? "" : `  (${child.equal} equal, one shown)`;
      lines.push({ text: `${indent}${last ? "└─ " : "├─ "}${child.name}${note}`, node: child });
      walk(child, indent + (last ? "   " : "│  "));
    });
  };
  walk(root, "");
  return lines;
}
