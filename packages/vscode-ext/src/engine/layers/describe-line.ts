import type { LayerLine } from "../../protocol/layer-messages.js";
import type { StatisticsStore } from "../statistics-store.js";
import { type FlatLine, lineId } from "./flat-lines.js";
import type { LayerNode, NodeTotals } from "./layer-tree.js";

const SHOWN_STORAGES = 3;

export function describeLine(
  line: FlatLine,
  totals: (node: LayerNode) => NodeTotals,
  statistics: StatisticsStore,
): LayerLine {
  const { depth, canUnfold, isUnfolded, position, setSize, node, part } = line;
  const place = { id: lineId(line.path, node, part), depth, canUnfold, isUnfolded, positionInSet: position, setSize };
  if (part !== undefined) {
    const parameters = part.shape.reduce((product, size) => product * size, 1);
    return {
      ...place,
      kind: "part",
      label: part.name.startsWith(`${node.row!.name}.`) ? part.name.slice(node.row!.name.length + 1) : part.name,
      name: part.name,
      equal: 1,
      storage: part.blockType ?? part.dtype,
      shape: part.shape,
      parameters,
      bytes: part.byteLength,
      isQuantized: false,
    };
  }
  const { row, parameters, bytes, equal = 1 } = node;
  const isWeight = row !== undefined && node.children.length === 0;
  const { storages, claimedBits, quantized } = isWeight
    ? { storages: [row.storage], claimedBits: row.claimedBitsPerWeight * parameters, quantized: 0 }
    : totals(node);
  const known = row === undefined ? undefined : statistics.layer(row.name);
  return {
    ...place,
    kind: row === undefined ? "module" : "weight",
    label: node.name,
    ...(row !== undefined && { name: row.name }),
    equal,
    storage: row?.storage ?? joined(storages),
    shape: row?.shape ?? [],
    parameters,
    bytes,
    ...(parameters > 0 && {
      // A line of equal weights has the figures of all of them together.
      claimedBitsPerWeight: isWeight ? row.claimedBitsPerWeight : claimedBits / parameters,
      storedBitsPerWeight: (bytes * 8) / parameters,
    }),
    isQuantized: row === undefined ? quantized > 0 : row.weight.kind === "quantized",
    ...(known !== undefined && equal === 1 && { statistics: known }),
  };
}

function joined(storages: readonly string[]): string {
  const shown = storages.slice(0, SHOWN_STORAGES).join(", ");
  return storages.length > SHOWN_STORAGES ? `${shown}, …` : shown;
}
