import { type NameNode, nameTree } from "../safetensors/name-tree.js";

/** What a tree has to know of a weight: its name, its cost, and what makes it equal to another one. */
export interface TreeWeight {
  readonly name: string;
  readonly storage: string;
  readonly shape: readonly number[];
  readonly parameters: number;
  readonly bytes: number;
}

/** A module ("model.layers.0.mlp") with the totals of everything below it. */
export interface ModuleNode<Row extends TreeWeight = TreeWeight> {
  readonly name: string;
  readonly parameters: number;
  readonly bytes: number;
  readonly children: readonly ModuleNode<Row>[];
  /** The weight itself, at a leaf. */
  readonly row?: Row;
  /** How many modules of equal structure it stands for; its figures are theirs together, its children those of one. */
  readonly equal?: number;
}

/**
 * Folds the rows by the dots in their names, in their order; modules with one child are joined with it
 * ("mlp.up_proj.weight").
 */
export function moduleTree<Row extends TreeWeight>(rows: readonly Row[]): ModuleNode<Row> {
  return moduleOf(
    nameTree(rows, ({ name }) => name),
    0,
  );
}

/** @param begin where the module's own name begins in the names of the rows */
function moduleOf<Row extends TreeWeight>(node: NameNode<Row>, begin: number): ModuleNode<Row> {
  const { path, from, branches } = node;
  const row = node.ended?.at(-1);
  if (row === undefined && branches.length === 1) {
    const { item, below } = branches[0]!;
    return below === undefined ? leaf(item.name.slice(begin), item) : moduleOf(below, begin);
  }
  const name = path.slice(begin);
  if (branches.length === 0) return row ? leaf(name, row) : { name, parameters: 0, bytes: 0, children: NOTHING };
  const children: ModuleNode<Row>[] = [];
  let parameters = row?.parameters ?? 0;
  let bytes = row?.bytes ?? 0;
  for (const { item, below } of branches) {
    const child = below === undefined ? leaf(item.name.slice(from), item) : moduleOf(below, from);
    parameters += child.parameters;
    bytes += child.bytes;
    children.push(child);
  }
  return row === undefined ? { name, parameters, bytes, children } : { name, parameters, bytes, children, row };
}

const NOTHING: readonly never[] = [];

function leaf<Row extends TreeWeight>(name: string, row: Row): ModuleNode<Row> {
  return { name, parameters: row.parameters, bytes: row.bytes, children: NOTHING, row };
}

/**
 * The same tree with neighbouring numbered modules of equal structure (names, shapes and storage below them) as one:
 * "0 … 5". Numbered alone: q_proj and o_proj may be of equal shape and are still two things.
 */
export function foldEqualModules<Row extends TreeWeight>(node: ModuleNode<Row>): ModuleNode<Row> {
  if (!canFold(node)) return node;
  // From below: modules are compared as they are folded, so that each is compared with its neighbour alone.
  const folded = node.children.map(foldEqualModules);
  const children: ModuleNode<Row>[] = [];
  for (let start = 0; start < folded.length; ) {
    const first = folded[start]!;
    let end = start + 1;
    while (end < folded.length && continues(folded[end - 1]!, folded[end]!)) end++;
    children.push(end === start + 1 ? first : joined(first, folded.slice(start, end)));
    start = end;
  }
  return { ...node, children };
}

/** Whether there is anything below that could be folded: most modules hold a few weights with names of their own. */
function canFold({ children }: ModuleNode): boolean {
  for (const child of children) if (child.children.length > 0 || beginsWithDigit(child.name)) return true;
  return false;
}

function joined<Row extends TreeWeight>(folded: ModuleNode<Row>, run: readonly ModuleNode<Row>[]): ModuleNode<Row> {
  const name = `${indexAndRest(run[0]!.name)![0]} … ${run.at(-1)!.name}`;
  const sum = (figure: (node: ModuleNode<Row>) => number): number =>
    run.reduce((total, node) => total + figure(node), 0);
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
  return isSameBelow(previous, next);
}

/** "3.weight" → 3 and ".weight": a module that is joined with its only child keeps its number at the front. */
function indexAndRest(name: string): readonly [index: number, rest: string] | undefined {
  if (!beginsWithDigit(name)) return undefined; // most names; an expression for each would take long
  const match = /^(0|[1-9][0-9]*)(\..*)?$/s.exec(name);
  return match ? [Number(match[1]), match[2] ?? ""] : undefined;
}

function beginsWithDigit(name: string): boolean {
  const code = name.charCodeAt(0);
  return code >= 0x30 && code <= 0x39;
}

/** Whether two folded modules are the same but for their own name. */
function isSameBelow(one: ModuleNode, other: ModuleNode): boolean {
  if (one.bytes !== other.bytes || one.children.length !== other.children.length) return false;
  if (one.equal !== other.equal) return false;
  if (!isSameRow(one.row, other.row)) return false;
  for (let i = 0; i < one.children.length; i++) {
    const child = one.children[i]!;
    const twin = other.children[i]!;
    if (child.name !== twin.name || !isSameBelow(child, twin)) return false;
  }
  return true;
}

function isSameRow(one: TreeWeight | undefined, other: TreeWeight | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (one.storage !== other.storage || one.bytes !== other.bytes || one.shape.length !== other.shape.length)
    return false;
  return one.shape.every((size, axis) => size === other.shape[axis]);
}
