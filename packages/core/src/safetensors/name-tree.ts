/** Where names go on differently: what comes after "model.layers.". */
export interface NameNode<T> {
  /** The parts before, without the dot after them: "model.layers"; empty at the root. */
  readonly path: string;
  /** Where the next part begins in each of the names. */
  readonly from: number;
  readonly depth: number;
  /** Items whose name is the path itself. */
  ended: T[] | undefined;
  /** In order of first appearance. */
  readonly branches: NameBranch<T>[];
}

/** All names that go on with a part. One name alone stays whole, however many parts of it are left. */
export interface NameBranch<T> {
  readonly part: string;
  /** The first item of the branch, and the only one where nothing is below. */
  readonly item: T;
  below: NameNode<T> | undefined;
}

interface OpenNode<T> extends NameNode<T> {
  byPart: Map<string, NameBranch<T>> | undefined;
}

/** A name of a million dots must not become a tree of that depth: its last part has what is left. */
const MAX_DEPTH = 64;

/** So many branches are looked through one by one; a map for three projections costs more than they do. */
const FEW_BRANCHES = 8;

/**
 * Items by the parts of their dotted names, in one pass: neighbours share most parts, so each name is compared with the
 * one before, and only what differs is looked up.
 */
export function nameTree<T>(items: readonly T[], nameOf: (item: T) => string): NameNode<T> {
  const root = newNode<T>("", 0, 0);
  /** From the root down to where the last item was put. */
  const way: OpenNode<T>[] = [root];
  let before = "";
  for (const item of items) {
    const name = nameOf(item);
    const common = commonLength(name, before);
    before = name;
    while (way.length > 1 && !isBelow(name, way[way.length - 1]!, common)) way.pop();
    for (;;) {
      const node = way[way.length - 1]!;
      const branch = findBranch(node, name);
      if (branch === undefined) {
        put(node, name, item);
        break;
      }
      if (branch.below === undefined) {
        const below = newNode<T>(
          name.slice(0, node.from + branch.part.length),
          node.from + branch.part.length + 1,
          node.depth + 1,
        );
        put(below, nameOf(branch.item), branch.item);
        branch.below = below;
      }
      way.push(branch.below as OpenNode<T>);
    }
  }
  return root;
}

function newNode<T>(path: string, from: number, depth: number): OpenNode<T> {
  return { path, from, depth, ended: undefined, branches: [], byPart: undefined };
}

/** @param common characters that the name has in common with one below the node */
function isBelow(name: string, { path: { length } }: NameNode<unknown>, common: number): boolean {
  return length <= common && (name.length === length || name.charCodeAt(length) === DOT);
}

/** By characters: V8 takes many times as long to compare slices of a longer text, which names are. */
function commonLength(name: string, other: string): number {
  const most = Math.min(name.length, other.length);
  let at = 0;
  while (at < most && name.charCodeAt(at) === other.charCodeAt(at)) at++;
  return at;
}

const DOT = 0x2e;

function partEnd(name: string, { from, depth }: NameNode<unknown>): number {
  const dot = depth >= MAX_DEPTH - 1 ? -1 : name.indexOf(".", from);
  return dot < 0 ? name.length : dot;
}

function findBranch<T>(node: OpenNode<T>, name: string): NameBranch<T> | undefined {
  const { from, branches, byPart } = node;
  if (name.length < from || branches.length === 0) return undefined;
  const end = partEnd(name, node);
  if (byPart !== undefined) return byPart.get(name.slice(from, end));
  for (const branch of branches) {
    if (branch.part.length === end - from && name.startsWith(branch.part, from)) return branch;
  }
  return undefined;
}

/** Puts an item where no branch has its part. */
function put<T>(node: OpenNode<T>, name: string, item: T): void {
  if (name.length < node.from) {
    node.ended ??= [];
    node.ended.push(item);
    return;
  }
  const branch: NameBranch<T> = { part: name.slice(node.from, partEnd(name, node)), item, below: undefined };
  node.branches.push(branch);
  if (node.byPart !== undefined) node.byPart.set(branch.part, branch);
  else if (node.branches.length > FEW_BRANCHES)
    node.byPart = new Map(node.branches.map((known) => [known.part, known]));
}
