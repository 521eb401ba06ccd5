import type { LogicalRow } from "./logical-row.js";

/** A module ("model.layers.0.mlp") with the totals of everything below it. */
export interface ModuleNode {
  readonly name: string;
  readonly parameters: number;
  readonly bytes: number;
  readonly children: readonly ModuleNode[];
  /** The weight itself, at a leaf. */
  readonly row?: LogicalRow;
  /** How many modules of equal structure it stands for; its figures are theirs together, its children those of one. */
  readonly equal?: number;
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
    for (const part of pathOf(row.name)) {
      let next = branch.branches.get(part);
      if (!next) {
        next = { branches: new Map() };
        branch.branches.set(part, next);
      }
      branch = next;
    }
    branch.row = row;
  }
  return toNode("", root);
}

/** Modules are nested a dozen deep; a name of a million dots must not become a tree of that depth. */
const MAX_DEPTH = 64;

function pathOf(name: string): string[] {
  const parts = name.split(".");
  return parts.length <= MAX_DEPTH ? parts : [...parts.slice(0, MAX_DEPTH - 1), parts.slice(MAX_DEPTH - 1).join(".")];
}

function toNode(name: string, branch: Branch): ModuleNode {
  const [only] = branch.branches;
  if (branch.branches.size === 1 && !branch.row && only) {
    return toNode(name === "" ? only[0] : `${name}.${only[0]}`, only[1]);
  }
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

/**
 * The same tree with neighbouring numbered modules of equal structure (names, shapes and storage below them) as one:
 * "0 … 5". Numbered alone: q_proj and o_proj may be of equal shape and are still two things.
 */
export function foldEqualModules(node: ModuleNode): ModuleNode {
  const children: ModuleNode[] = [];
  for (let start = 0; start < node.children.length; ) {
    const first = node.children[start]!;
    let end = start + 1;
    while (end < node.children.length && continues(node.children[end - 1]!, node.children[end]!)) end++;
    const run = node.children.slice(start, end);
    const folded = foldEqualModules(first);
    children.push(run.length === 1 ? folded : joined(folded, run));
    start = end;
  }
  return { ...node, children };
}

function joined(folded: ModuleNode, run: readonly ModuleNode[]): ModuleNode {
  const name = `${indexAndRest(run[0]!.name)![0]} … ${run.at(-1)!.name}`;
  const sum = (figure: (node: ModuleNode) => number): number => run.reduce((total, node) => total + figure(node), 0);
  return {
    ...folded,
    name,
    equal: run.length,
    parameters: sum((node) => node.parameters),
    bytes: sum((node) => node.bytes),
  };
}

/** Whether `next` is the module with the next number, and the same below it. */
function continues(previous: ModuleNode, next: ModuleNode): boolean {
  const one = indexAndRest(previous.name);
  const other = indexAndRest(next.name);
  if (!one || !other || other[0] !== one[0] + 1 || other[1] !== one[1]) return false;
  return structure(previous) === structure(next);
}

/** "3.weight" → 3 and ".weight": a module that is joined with its only child keeps its number at the front. */
function indexAndRest(name: string): readonly [index: number, rest: string] | undefined {
  const match = /^(0|[1-9][0-9]*)(\..*)?$/.exec(name);
  return match ? [Number(match[1]), match[2] ?? ""] : undefined;
}

/** Everything that equal modules share, their own name left out. */
function structure({ row, children }: ModuleNode): string {
  const own = row ? [row.storage, row.shape.join("×"), row.bytes] : [];
  return JSON.stringify([own, children.map((child) => [child.name, structure(child)])]);
}

/** Lines of the tree with the box-drawing stems of `tree`, each with its node. */
export function treeLines(root: ModuleNode): { readonly text: string; readonly node: ModuleNode }[] {
  const lines: { text: string; node: ModuleNode }[] = [{ text: root.name === "" ? "." : root.name, node: root }];
  const walk = (node: ModuleNode, indent: string): void => {
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
