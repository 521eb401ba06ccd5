import type { OpenModel } from "../../protocol/overview-messages.js";
import type { Theme } from "../theme.js";

/** Look of a storage in the skyline and its legend: a colour, and from the seventh on stripes over it. */
export interface StorageLook {
  readonly color: string;
  readonly isStriped: boolean;
}

/** Chart colours of the editor; orange is left out, for some themes make it see-through. */
const CHART_COLORS: readonly (readonly [variable: string, fallback: string])[] = [
  ["--vscode-charts-blue", "#3794ff"],
  ["--vscode-charts-green", "#89d185"],
  ["--vscode-charts-yellow", "#cca700"],
  ["--vscode-charts-purple", "#b180d7"],
  ["--vscode-charts-red", "#f14c4c"],
  ["--vscode-charts-foreground", "#888888"],
];

/** Storages in the order of their bytes take the colours in order. */
export function storageLooks(model: Pick<OpenModel, "storages">, theme: Theme): ReadonlyMap<string, StorageLook> {
  const bySize = [...model.storages].sort((one, other) => other.bytes - one.bytes);
  return new Map(
    bySize.map(({ storage }, index) => {
      const [variable, fallback] = CHART_COLORS[index % CHART_COLORS.length]!;
      return [storage, { color: theme.color(variable, fallback), isStriped: index >= CHART_COLORS.length }];
    }),
  );
}
