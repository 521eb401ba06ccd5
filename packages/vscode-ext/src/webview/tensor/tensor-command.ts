import type { OpenModel } from "../../protocol/overview-messages.js";
import type { OutlierRuleSetting } from "../../protocol/settings.js";
import type { MatrixWindow } from "../../protocol/tensor-messages.js";
import { type MapShading, shadingQuantity } from "../outlier-map/map-shading.js";
import { ruleNumber } from "./rule-slider.js";

type NamedModel = Pick<OpenModel, "name" | "shellPath">;

/** The statistics of a weight from a terminal. */
export function statsCommand(model: NamedModel, weight: string, rule: OutlierRuleSetting): string {
  return [
    "lowbit stats",
    pathOf(model),
    "--tensor",
    quoted(weight),
    `--outliers ${rule.kind}:${ruleNumber(rule)}`,
  ].join(" ");
}

/** A picture of the same part of the map from a terminal. `against`: path of the checkpoint that errors are measured to. */
export function mapCommand(
  model: NamedModel,
  weight: string,
  map: {
    readonly shading: MapShading;
    readonly window?: MatrixWindow | undefined;
    readonly against?: string | undefined;
  },
): string {
  const words = ["lowbit stats", pathOf(model), "--outlier-map", quoted(weight), "--png map.png"];
  if (map.window !== undefined) {
    const { row, rows, column, columns } = map.window;
    words.push(`--window ${row}:${rows},${column}:${columns}`);
  }
  const quantity = shadingQuantity(map.shading);
  if (quantity !== "magnitude") words.push(`--quantity ${quantity}`);
  if (quantity === "error" && map.against !== undefined) words.push("--against", quoted(map.against));
  return words.join(" ");
}

function pathOf(model: NamedModel): string {
  return model.shellPath ?? quoted(model.name);
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
