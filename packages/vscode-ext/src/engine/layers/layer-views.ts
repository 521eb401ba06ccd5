import { foldEqualModules } from "@lowbit/core/analysis";
import type { LayerQuery, LayerWindow } from "../../protocol/layer-messages.js";
import type { LayerRow } from "../model/layer-row.js";
import { nameFilter } from "../name-filter.js";
import type { StatisticsStore } from "../statistics-store.js";
import { describeLine } from "./describe-line.js";
import { type FlatLine, flatLines } from "./flat-lines.js";
import { type LayerNode, layerTree, type NodeTotals, nodeTotals, prunedTree } from "./layer-tree.js";
import { locateWeight } from "./locate-weight.js";
import { isMeasured } from "./sort-nodes.js";

/** The tree-table of a model in every form that was asked for; the last few are kept. */
export interface LayerViews {
  window(query: LayerQuery, begin: number, end: number): LayerWindow;
  locate(query: LayerQuery, name: string): { readonly line: number; readonly unfolded: readonly string[] };
  /** Weights that the filter lets through, sorted as a flat list. */
  rows(query: Pick<LayerQuery, "filter" | "sort" | "descending">): readonly LayerRow[];
}

interface Forest {
  readonly root: LayerNode;
  readonly weights: number;
  readonly totals: (node: LayerNode) => NodeTotals;
}

/** Filters and orders that are kept. A list of a large model takes some 100 bytes a line: one to scroll in, one for a search. */
const KEPT = 4;
const KEPT_OF_LARGE = 2;
const LARGE_ROWS = 100_000;

export function createLayerViews(rows: readonly LayerRow[], statistics: StatisticsStore): LayerViews {
  const most = rows.length < LARGE_ROWS ? KEPT : KEPT_OF_LARGE;
  let whole: LayerNode | undefined;
  const passed = new Map<string, readonly LayerRow[]>();
  const forests = new Map<string, Forest>();
  const lists = new Map<string, readonly FlatLine[]>();

  /** A filtered tree is cut out of the whole one; all of it is made once. */
  function treeOf(left: readonly LayerRow[], foldEqual: boolean): LayerNode {
    whole ??= layerTree(rows);
    const tree = left.length === rows.length ? whole : prunedTree(whole, left, rows.length);
    return foldEqual ? foldEqualModules(tree) : tree;
  }

  /** A filter that lets everything through is no filter. */
  function withoutIdleFilter<Q extends Pick<LayerQuery, "filter">>(query: Q): Q {
    return passedBy(query.filter).length === rows.length ? { ...query, filter: "" } : query;
  }

  function passedBy(filter: string): readonly LayerRow[] {
    return kept(passed, filter, most, () => {
      const passes = nameFilter(filter);
      return passes === undefined ? rows : rows.filter(({ name }) => passes(name));
    });
  }

  function forestOf({ filter, tree, foldEqual }: Pick<LayerQuery, "filter" | "tree" | "foldEqual">): Forest {
    return kept(forests, JSON.stringify([filter, tree, tree && foldEqual]), most, () => {
      const left = passedBy(filter);
      const root = tree ? treeOf(left, foldEqual) : flatRoot(left);
      return { root, weights: left.length, totals: nodeTotals() };
    });
  }

  function listOf(query: LayerQuery): readonly FlatLine[] {
    const { sort, descending, filter, tree, foldEqual, unfolded, except = [] } = query;
    const revision = isMeasured(sort) ? statistics.revision : 0;
    const key = JSON.stringify([sort, descending, filter, tree, foldEqual, unfolded, except, revision]);
    return kept(lists, key, most, () => flatLines(forestOf(query).root, query, statistics));
  }

  return {
    window(asked, begin, end) {
      const query = withoutIdleFilter(asked);
      const { weights, totals } = forestOf(query);
      const lines = listOf(query);
      const first = Math.min(begin, lines.length);
      return {
        lines: lines.length,
        weights,
        begin: first,
        rows: lines.slice(first, end).map((line) => describeLine(line, totals, statistics)),
      };
    },
    locate(asked, name) {
      const query = withoutIdleFilter(asked);
      const found = locateWeight(forestOf(query).root, query, name);
      if (found === undefined) return { line: -1, unfolded: [] };
      const { hiddenBy } = found;
      const shown = unfolding(query, hiddenBy);
      const line = listOf(shown).findIndex(({ node, part }) => node === found.node && part === undefined);
      return { line, unfolded: hiddenBy };
    },
    rows(query) {
      const { root } = forestOf({ filter: query.filter, tree: false, foldEqual: false });
      return flatLines(root, { ...query, unfolded: [] }, statistics).map(({ node }) => node.row!);
    },
  };
}

/** The query with these folded lines unfolded. */
function unfolding(query: LayerQuery, ids: readonly string[]): LayerQuery {
  if (ids.length === 0) return query;
  const folded = new Set(ids);
  const except = (query.except ?? []).filter((id) => !folded.has(id));
  if (query.unfolded === "all") return { ...query, except };
  return { ...query, except, unfolded: [...query.unfolded, ...ids.filter((id) => !query.unfolded.includes(id))] };
}

function flatRoot(rows: readonly LayerRow[]): LayerNode {
  const children = rows.map((row) => ({
    name: row.name,
    parameters: row.parameters,
    bytes: row.bytes,
    children: [],
    row,
  }));
  return { name: "", parameters: 0, bytes: 0, children };
}

/** The value under the key, made when it is not there; the one that was not used for longest goes. */
function kept<T>(values: Map<string, T>, key: string, most: number, make: () => T): T {
  const value = values.get(key) ?? make();
  values.delete(key);
  values.set(key, value);
  if (values.size > most) values.delete(values.keys().next().value!);
  return value;
}
