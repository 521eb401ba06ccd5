import { type NameBranch, type NameNode, nameTree } from "./name-tree.js";

/**
 * `items` in natural order of their names: runs of digits compare as numbers (layer 2 before layer 10), everything else
 * by code units; equal keys ("a1", "a01") fall back to plain string order. Names of a model share most of their parts, so
 * parts are put in order, each once for all names below it.
 */
export function inNaturalOrder<T>(items: readonly T[], nameOf: (item: T) => string): T[] {
  const ordered: T[] = [];
  const keys = new Map<string, string>();
  const append = (node: NameNode<T>): void => {
    const branches = branchesInOrder(node.branches, keys);
    if (branches === undefined) {
      for (const item of inOrderOfWholeNames(itemsOf(node), nameOf)) ordered.push(item);
      return;
    }
    for (const item of node.ended ?? []) ordered.push(item);
    for (const { item, below } of branches) {
      if (below === undefined) ordered.push(item);
      else append(below);
    }
  };
  append(nameTree(items, nameOf));
  return ordered;
}

function itemsOf<T>(node: NameNode<T>, items: T[] = []): T[] {
  for (const item of node.ended ?? []) items.push(item);
  for (const { item, below } of node.branches) {
    if (below === undefined) items.push(item);
    else itemsOf(below, items);
  }
  return items;
}

/** Branches by the keys of their parts; undefined when the order of parts is not the order of whole names. */
function branchesInOrder<T>(
  branches: readonly NameBranch<T>[],
  keys: Map<string, string>,
): readonly NameBranch<T>[] | undefined {
  if (branches.length <= 1) return branches;
  const keyed: { readonly branch: NameBranch<T>; readonly key: string }[] = [];
  let isSorted = true;
  let before = "";
  for (const branch of branches) {
    const key = partKey(branch.part, keys);
    if (key === UNORDERED) return undefined;
    if (keyed.length > 0 && key <= before) isSorted = false;
    keyed.push({ branch, key });
    before = key;
  }
  if (isSorted) return branches;
  keyed.sort((a, b) => compareText(a.key, b.key));
  for (let i = 1; i < keyed.length; i++) if (keyed[i]!.key === keyed[i - 1]!.key) return undefined;
  return keyed.map(({ branch }) => branch);
}

/** No key is this text, which holds a character that no part with a key holds. */
const UNORDERED = "\0";

/** A character before "." would come before the end of the part: "a-b" is before "a.c", though "a" is before "a-b". */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are before "." as well
const BEFORE_DOT = /[\u0000-\u002d]/;

function partKey(part: string, keys: Map<string, string>): string {
  let key = keys.get(part);
  if (key === undefined) {
    key = BEFORE_DOT.test(part) ? UNORDERED : naturalKey(part);
    keys.set(part, key);
  }
  return key;
}

function inOrderOfWholeNames<T>(items: readonly T[], nameOf: (item: T) => string): T[] {
  const keyed = items.map((item) => ({ item, name: nameOf(item), key: naturalKey(nameOf(item)) }));
  keyed.sort((a, b) => compareText(a.key, b.key) || compareText(a.name, b.name));
  return keyed.map(({ item }) => item);
}

/** A text whose plain string order is the natural one: each run of digits is its digit count and its digits, without leading zeros. */
function naturalKey(text: string): string {
  return text.replace(/[0-9]+/g, (run) => {
    const digits = run.length > 1 && run.startsWith("0") ? run.replace(/^0+(?=.)/, "") : run;
    return digits.length <= 9 ? `${digits.length}${digits}` : `:${String(digits.length).padStart(9, "0")}${digits}`;
  });
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
