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

/** What lies at a name while the tree is being made. Most are weights, with nothing below them: those have no map. */
interface Branch<Row> {
  below?: Map<string, Branch<Row>>;
  row?: Row;
}

/**
 * Folds the rows by the dots in their names, in their order; modules with one child are joined with it
 * ("mlp.up_proj.weight").
 */
export function moduleTree<Row extends TreeWeight>(rows: readonly Row[]): ModuleNode<Row> {
  const root: Branch<Row> = {};
  for (const row of rows) {
    let branch = root;
    for (const part of pathOf(row.name)) {
      branch.below ??= new Map();
      let next = branch.below.get(part);
      if (!next) {
        next = {};
        branch.below.set(part, next);
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

function toNode<Row extends TreeWeight>(name: string, { below, row }: Branch<Row>): ModuleNode<Row> {
  if (below === undefined) return row ? leaf(name, row) : { name, parameters: 0, bytes: 0, children: [] };
  if (below.size === 1 && !row) {
    for (const [part, only] of below) return toNode(name === "" ? part : `${name}.${part}`, only);
  }
  const children: ModuleNode<Row>[] = [];
  let parameters = row?.parameters ?? 0;
  let bytes = row?.bytes ?? 0;
  for (const [part, branch] of below) {
    const child = toNode(part, branch);
    parameters += child.parameters;
    bytes += child.bytes;
    children.push(child);
  }
  return { name, parameters, bytes, children, ...(row ? { row } : {}) };
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
  if (node.children.length === 0) return node;
  const children: ModuleNode<Row>[] = [];
  for (let start = 0; start < node.children.length; ) {
    const first = node.children[start]!;
    let end = start + 1;
    while (end < node.children.length && continues(node.children[end - 1]!, node.children[end]!)) end++;
    const folded = foldEqualModules(first);
    children.push(end === start + 1 ? folded : joined(folded, node.children.slice(start, end)));
    start = end;
  }
  return { ...node, children };
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
  const match = /^(0|[1-9][0-9]*)(\..*)?$/s.exec(name);
  return match ? [Number(match[1]), match[2] ?? ""] : undefined;
}

/**
 * Whether two modules are the same but for their own name. A module is compared once for every numbered one around it,
 * at most as often as it lies deep.
 */
function isSameBelow(one: ModuleNode, other: ModuleNode): boolean {
  if (one.bytes !== other.bytes || one.children.length !== other.children.length) return false;
  if (!isSameRow(one.row, other.row)) return false;
  return one.children.every((child, index) => {
    const twin = other.children[index]!;
    return child.name === twin.name && isSameBelow(child, twin);
  });
}

function isSameRow(one: TreeWeight | undefined, other: TreeWeight | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (one.storage !== other.storage || one.bytes !== other.bytes || one.shape.length !== other.shape.length)
    return false;
  return one.shape.every((size, axis) => size === other.shape[axis]);
}
