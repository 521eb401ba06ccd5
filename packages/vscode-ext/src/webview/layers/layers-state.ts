import type { LayerQuery, LayerSortKey } from "../../protocol/layer-messages.js";
import { type ColumnWidths, readWidths } from "./column-widths.js";

/** What the page keeps. */
export interface LayersState {
  readonly query: LayerQuery;
  /** The line with the focus, and the other end of the selection. */
  readonly line: number;
  readonly anchor: number;
  readonly scrollTop: number;
  /** The weight that the page was last told to show: it does not jump there again. */
  readonly located?: string | undefined;
  readonly widths?: ColumnWidths | undefined;
}

export const FIRST_QUERY: LayerQuery = {
  sort: "name",
  descending: false,
  filter: "",
  tree: true,
  foldEqual: true,
  unfolded: "all",
};

export const FIRST_STATE: LayersState = { query: FIRST_QUERY, line: 0, anchor: 0, scrollTop: 0 };

const SORT_KEYS: readonly LayerSortKey[] = [
  "name",
  "storage",
  "parameters",
  "bytes",
  "bitsPerWeight",
  "absMaximum",
  "rms",
  "kurtosis",
  "outlierShare",
  "nonFiniteCount",
];
/** As many ids as the host lets through; more are dropped from the end. */
export const MOST_IDS = 10_000;

/** The kept state, or the first one where it is of another shape. */
export function readLayersState(kept: unknown): LayersState {
  if (typeof kept !== "object" || kept === null) return FIRST_STATE;
  const { query, line, anchor, scrollTop, located, widths } = kept as Record<string, unknown>;
  return {
    query: readQuery(query),
    line: readIndex(line),
    anchor: readIndex(anchor),
    scrollTop: typeof scrollTop === "number" && scrollTop >= 0 ? scrollTop : 0,
    located: typeof located === "string" ? located : undefined,
    widths: readWidths(widths),
  };
}

function readQuery(query: unknown): LayerQuery {
  if (typeof query !== "object" || query === null) return FIRST_QUERY;
  const { sort, descending, filter, tree, foldEqual, unfolded, except } = query as Record<string, unknown>;
  return {
    sort: SORT_KEYS.find((key) => key === sort) ?? FIRST_QUERY.sort,
    descending: descending === true,
    filter: typeof filter === "string" ? filter : "",
    tree: tree !== false,
    foldEqual: foldEqual !== false,
    unfolded: Array.isArray(unfolded) ? readIds(unfolded) : "all",
    ...(Array.isArray(except) ? { except: readIds(except) } : {}),
  };
}

function readIndex(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

function readIds(ids: readonly unknown[]): readonly string[] {
  return ids.filter((id) => typeof id === "string").slice(0, MOST_IDS);
}

/** The query after a line was folded or unfolded: its id changes sides. */
export function toggled(query: LayerQuery, id: string): LayerQuery {
  const except = query.except ?? [];
  const next = except.includes(id) ? except.filter((other) => other !== id) : [...except, id].slice(-MOST_IDS);
  return { ...query, except: next };
}

/** The query after a click on a heading: first its natural direction, then the other. */
export function sortedBy(query: LayerQuery, sort: LayerSortKey, descendsFirst: boolean): LayerQuery {
  if (query.sort !== sort) return { ...query, sort, descending: descendsFirst };
  return { ...query, descending: !query.descending };
}
