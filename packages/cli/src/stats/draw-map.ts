import {
  describeOutlierRule,
  type MatrixWindow,
  type OutlierRule,
  tensorStatistics,
  wholeMatrix,
} from "@lowbit/core/analysis";
import type { BackendName } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { writeFileAtomic } from "@lowbit/core/node";
import type { Checkpoint } from "@lowbit/core/safetensors";
import { matrixShape } from "@lowbit/core/tensor";
import { interruptSignal } from "../interrupt.js";
import { printJson } from "../output/json.js";
import { printable } from "../output/printable.js";
import { formatSignificant } from "../output/quantities.js";
import { type DrawnMap, drawnMap, type MapQuantity } from "./map-picture.js";
import { findTensor, openForStatistics, openValues } from "./open-for-statistics.js";
import { outlierMapPng } from "./outlier-map-png.js";

export interface MapOptions {
  readonly png?: string;
  readonly quantity: MapQuantity;
  readonly window?: MatrixWindow;
  /** Checkpoint that the error is against. */
  readonly against?: string;
  readonly outliers: OutlierRule;
  readonly arrays?: boolean;
  readonly backend?: BackendName;
  readonly json?: boolean;
}

/** Width and height of a map in tiles, at most: few enough that a single weight stays visible in its tile. */
const MAP_SIDE = 256;

/** `lowbit stats PATH --outlier-map TENSOR --png FILE`. */
export async function drawMap(path: string, name: string, options: MapOptions): Promise<void> {
  const { png, against, quantity } = options;
  if (png === undefined) throw incomplete("--outlier-map needs --png FILE, the picture to write.", "--png");
  if (quantity === "error" && against === undefined) {
    throw incomplete("--quantity error needs --against PATH, the checkpoint to subtract.", "--against");
  }
  if (quantity !== "error" && against !== undefined) {
    throw incomplete("--against needs --quantity error, which draws the difference.", "--quantity");
  }
  const { checkpoint, backend, quantized } = await openForStatistics(path, options);
  let other: Checkpoint | undefined;
  try {
    if (against !== undefined) other = await openValues(against, options.arrays ?? false, backend);
    const tensor = findTensor(checkpoint, name);
    const context = { backend, signal: interruptSignal() };
    const subject = {
      checkpoint,
      tensor,
      quantized: quantized.get(name),
      other: other && { checkpoint: other, tensor: findTensor(other, name) },
      statistics: () => tensorStatistics(checkpoint, tensor, context, { outlierRule: options.outliers }),
    };
    const window = options.window ?? wholeMatrix(matrixShape(tensor.shape));
    const map = await drawnMap(quantity, subject, { ...mapSize(window), window }, context);
    await writeFileAtomic(png, outlierMapPng(map.picture));
    tell(path, name, png, quantity, map, options);
  } finally {
    backend.close();
    await Promise.all([checkpoint.close(), other?.close()]);
  }
}

function tell(
  path: string,
  name: string,
  png: string,
  quantity: MapQuantity,
  { picture, meaning, std, outliers, window, tileRows, tileColumns, tilesDown, tilesAcross }: DrawnMap,
  { window: asked, json }: MapOptions,
): void {
  const legend = picture.legend.map(({ value }) => value);
  if (json) {
    const tiles = { window, tilesAcross, tilesDown, tileRows, tileColumns };
    printJson({ path, tensor: name, png, quantity, std, ...tiles, legend, outliers });
    return;
  }
  const of = asked && `, rows ${range(window.row, window.rows)}, columns ${range(window.column, window.columns)}`;
  console.log(
    `${printable(name)}${of ?? ""}: ${tilesAcross}×${tilesDown} tiles of ${tileRows}×${tileColumns} weights → ${png}`,
  );
  console.log(`colour: ${meaning}; the strip below the map runs over ${legend.map(formatSignificant).join(", ")}`);
  if (outliers === undefined) return;
  const { rule, count, share } = outliers;
  console.log(`outliers (${describeOutlierRule(rule)}): ${count}, ${(share * 100).toFixed(4)} % of the whole tensor`);
}

const range = (begin: number, count: number): string => `${begin} to ${begin + count - 1}`;

/** Square tiles, so that the picture has the proportions of the window. */
function mapSize({ rows, columns }: MatrixWindow): { readonly maxWidth: number; readonly maxHeight: number } {
  const side = Math.max(1, Math.ceil(Math.max(rows, columns) / MAP_SIDE));
  return { maxWidth: Math.max(1, Math.ceil(columns / side)), maxHeight: Math.max(1, Math.ceil(rows / side)) };
}

function incomplete(message: string, missing: string): LowbitError {
  return new LowbitError("options/command-line", message, { missing });
}
