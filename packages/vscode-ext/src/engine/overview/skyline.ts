import { bitsPerWeight } from "@lowbit/core/analysis";
import type { SkylineColumn } from "../../protocol/overview-messages.js";
import type { LayerRow } from "../model/layer-row.js";
import { storageShares } from "./storage-shares.js";

/** More blocks are drawn several to a column. */
const MOST_COLUMNS = 512;

/** Weights that stand together in the picture of a model. */
export interface SkylineGroup<T> {
  readonly label: string;
  readonly members: readonly T[];
}

/** A column for every block of layers and for what stands outside the blocks, in the order of the checkpoint. */
export function skyline(rows: readonly LayerRow[]): SkylineColumn[] {
  return skylineGroups(rows).map(({ label, members }) => {
    const storages = storageShares(members);
    const sum = (figure: "parameters" | "bytes"): number => storages.reduce((total, share) => total + share[figure], 0);
    return {
      label,
      firstWeight: members[0]!.name,
      parameters: sum("parameters"),
      bytes: sum("bytes"),
      bitsPerWeight: bitsPerWeight(sum("bytes"), sum("parameters")),
      storages,
    };
  });
}

export function skylineGroups<T extends { readonly name: string }>(rows: readonly T[]): SkylineGroup<T>[] {
  const blocks = new Map<string, { readonly label: string; readonly members: T[] }>();
  let last: { readonly prefix: string; readonly members: T[] } | undefined;
  for (const row of rows) {
    // Neighbours are mostly of one block.
    if (last !== undefined && row.name.startsWith(last.prefix)) {
      last.members.push(row);
      continue;
    }
    const { key, label, isNumbered } = blockOf(row.name);
    const block = blocks.get(key) ?? { label, members: [] };
    blocks.set(key, block);
    block.members.push(row);
    last = isNumbered ? { prefix: `${key}.`, members: block.members } : undefined;
  }
  return joined([...blocks.values()]);
}

/** "model.layers.12.mlp.up_proj.weight" → "layers 12"; "model.embed_tokens.weight" → "embed_tokens". */
function blockOf(name: string): { readonly key: string; readonly label: string; readonly isNumbered: boolean } {
  const numbered = /^(?<stem>(?:[^.]+\.)*?(?<last>[^.]+))\.(?<number>\d+)(?:\.|$)/u.exec(name)?.groups;
  if (numbered !== undefined) {
    const { stem, last, number } = numbered as { stem: string; last: string; number: string };
    return { key: `${stem}.${number}`, label: shortened(`${last} ${number}`), isNumbered: true };
  }
  const parts = name.split(".");
  const module = parts.length > 1 ? parts.slice(0, -1) : parts;
  return { key: module.join("."), label: shortened(module.at(-1)!), isNumbered: false };
}

function joined<T>(groups: readonly SkylineGroup<T>[]): SkylineGroup<T>[] {
  if (groups.length <= MOST_COLUMNS) return [...groups];
  const step = Math.ceil(groups.length / MOST_COLUMNS);
  const columns: SkylineGroup<T>[] = [];
  for (let begin = 0; begin < groups.length; begin += step) {
    const run = groups.slice(begin, begin + step);
    const label = run.length === 1 ? run[0]!.label : `${run[0]!.label} … ${run.at(-1)!.label}`;
    columns.push({ label, members: run.flatMap(({ members }) => members) });
  }
  return columns;
}

const SHOWN_LABEL = 60;

function shortened(label: string): string {
  return label.length > SHOWN_LABEL ? `${label.slice(0, SHOWN_LABEL)}…` : label;
}
