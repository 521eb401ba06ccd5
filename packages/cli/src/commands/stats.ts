import {
  DEFAULT_OUTLIER_RULE,
  describeOutlierRule,
  findPlaces,
  type OutlierRule,
  outlierMap,
  outlierMapColors,
  scanMethod,
  type TensorStatistics,
  tensorStatistics,
  type ValuePlaces,
} from "@lowbit/core/analysis";
import type { BackendName, KernelBackend } from "@lowbit/core/backend";
import { isFloatDtype } from "@lowbit/core/dtype";
import { LowbitError } from "@lowbit/core/errors";
import { decodedCheckpoint, recogniseWeights } from "@lowbit/core/layouts";
import { openCheckpoint, scanCheckpoint, writeFileAtomic } from "@lowbit/core/node";
import type { Checkpoint, CheckpointTensor } from "@lowbit/core/safetensors";
import { type Command, Option } from "commander";
import { backendModule, backendOption, threadsOption } from "../backend-choice.js";
import { openBackend } from "../create-backend.js";
import { interruptSignal } from "../interrupt.js";
import { printJson } from "../output/json.js";
import { printable } from "../output/printable.js";
import { createProgressDisplay } from "../output/progress.js";
import { formatNumber } from "../output/quantities.js";
import { outlierMapPng } from "../stats/outlier-map-png.js";
import { parseOutlierRule } from "../stats/outlier-rule-option.js";
import { renderPlaces } from "../stats/render-places.js";
import { renderStatistics } from "../stats/render-statistics.js";
import { selectByName } from "../tensor-glob.js";

interface StatsOptions {
  readonly tensor?: string;
  readonly outliers: OutlierRule;
  readonly places?: boolean;
  readonly arrays?: boolean;
  readonly outlierMap?: string;
  readonly png?: string;
  readonly backend?: BackendName;
  readonly threads: number;
  readonly json?: boolean;
}

/** Width and height of an outlier map in tiles, at most: few enough that a single weight stays visible in its tile. */
const MAP_SIDE = 256;
/** Largest weight in std up to which equal steps of colour are equal steps of |w|: outliers stand out from the bulk. */
const LINEAR_TOP = 24;

/** `lowbit stats PATH`: one streaming pass over the values of every float tensor. */
export function declareStats(program: Command): void {
  program
    .command("stats")
    .description("moments, quantiles, outliers, NaN of every tensor; outlier maps as pictures")
    .argument("<path>", "a .safetensors or .gguf file, a shard index, or a model directory")
    .option("--tensor <glob>", "only names that match, * stands for anything")
    .option(
      "--outliers <rule>",
      "what counts as an outlier: sigma:FACTOR, quantile:SHARE, absolute:THRESHOLD",
      parseOutlierRule,
      DEFAULT_OUTLIER_RULE,
    )
    .option("--places", "also where: first outliers, dead and constant rows, dead columns (a second pass)")
    .addOption(
      new Option("--outlier-map <tensor>", "draw max |w| / std of one tensor; needs --png").conflicts([
        "tensor",
        "places",
      ]),
    )
    .option("--png <file>", "picture to write")
    .option("--arrays", "the stored arrays of quantized weights instead of their decoded values")
    .addOption(backendOption())
    .addOption(threadsOption())
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  lowbit stats model/\n  lowbit stats model/ --tensor '*layers.0.*' --places\n  lowbit stats model/ --outlier-map model.layers.0.mlp.down_proj.weight --png map.png",
    )
    .action(async (path: string, options: StatsOptions) => {
      await (options.outlierMap === undefined ? stats(path, options) : drawMap(path, options.outlierMap, options));
    });
}

async function stats(path: string, options: StatsOptions): Promise<void> {
  if (options.png !== undefined) throw incomplete("--png needs --outlier-map TENSOR, what to draw.", "--outlier-map");
  const signal = interruptSignal();
  const { checkpoint, backend, quantizedNames } = await openForStatistics(path, options);
  const progress = createProgressDisplay();
  try {
    const selected = selectByName(checkpoint.tensors, options.tensor);
    const tensors = selected.filter(isScanned);
    const skipped = selected.filter((tensor) => !isScanned(tensor));
    const statistics = await scanCheckpoint({
      input: path,
      tensors,
      decoded: quantizedNames.size > 0,
      backend: backendModule(options.backend),
      threads: options.threads,
      outlierRule: options.outliers,
      signal,
      onProgress: ({ tensor, doneBytes, totalBytes }) =>
        progress.update({ label: tensor, done: doneBytes, total: totalBytes }),
    });
    progress.finish();
    const places = options.places ? await placesOf(checkpoint, statistics, backend, signal) : undefined;
    if (options.json) {
      printJson({
        path,
        tensors: statistics.map((figures) => ({
          ...figures,
          isDecoded: quantizedNames.has(figures.name),
          ...places?.get(figures.name),
        })),
        skipped: skipped.map((tensor) => ({ name: tensor.name, dtype: storedAs(tensor) })),
      });
      return;
    }
    console.log(renderStatistics(statistics));
    if (places) console.log(`\n${renderPlaces(places)}`);
    const decodedCount = statistics.filter(({ name }) => quantizedNames.has(name)).length;
    if (decodedCount > 0) {
      console.log(
        `\nThe figures of ${decodedCount} quantized weights, shown as F32, are those of their decoded values; --arrays shows what is stored.`,
      );
    }
    if (skipped.length > 0)
      console.log(
        `\n${skipped.length} tensors of other dtypes were left out: ${[...new Set(skipped.map(storedAs))].join(", ")}.`,
      );
  } finally {
    progress.finish();
    backend.close();
    await checkpoint.close();
  }
}

/** Blocks of GGUF have no values until they are decoded. */
const isScanned = ({ dtype, blockType }: CheckpointTensor): boolean =>
  blockType === undefined && scanMethod(dtype) !== undefined;
const storedAs = ({ dtype, blockType }: CheckpointTensor): string => blockType ?? dtype;

interface OpenedForStatistics {
  /** With quantized weights as tensors of their decoded values, unless `--arrays` asks for what is stored. */
  readonly checkpoint: Checkpoint;
  readonly backend: KernelBackend;
  readonly quantizedNames: ReadonlySet<string>;
}

async function openForStatistics(path: string, options: StatsOptions): Promise<OpenedForStatistics> {
  const stored = await openCheckpoint(path);
  try {
    const weights = options.arrays ? [] : recogniseWeights(stored);
    const quantizedNames = new Set(weights.filter(({ kind }) => kind === "quantized").map(({ name }) => name));
    const { backend } = await openBackend(options.backend);
    const checkpoint = quantizedNames.size > 0 ? decodedCheckpoint(stored, backend) : stored;
    return { checkpoint, backend, quantizedNames };
  } catch (error) {
    await stored.close();
    throw error;
  }
}

async function placesOf(
  checkpoint: Checkpoint,
  statistics: readonly TensorStatistics[],
  backend: KernelBackend,
  signal: AbortSignal,
): Promise<Map<string, ValuePlaces>> {
  const found = new Map<string, ValuePlaces>();
  for (const { name, dtype, outliers } of statistics) {
    if (!isFloatDtype(dtype)) continue;
    found.set(
      name,
      await findPlaces(checkpoint, checkpoint.tensor(name)!, { threshold: outliers.threshold }, { backend, signal }),
    );
  }
  return found;
}

/** Square tiles, so that the picture has the proportions of the matrix. */
function mapSize(shape: readonly number[]): { readonly maxWidth: number; readonly maxHeight: number } {
  const columns = shape.at(-1) ?? 1;
  const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  const side = Math.max(1, Math.ceil(Math.max(rows, columns) / MAP_SIDE));
  return { maxWidth: Math.max(1, Math.ceil(columns / side)), maxHeight: Math.max(1, Math.ceil(rows / side)) };
}

async function drawMap(path: string, name: string, options: StatsOptions): Promise<void> {
  if (options.png === undefined) {
    throw incomplete("--outlier-map needs --png FILE, the picture to write.", "--png");
  }
  const signal = interruptSignal();
  const { checkpoint, backend } = await openForStatistics(path, options);
  try {
    const tensor = findTensor(checkpoint, name);
    const { std, outliers } = await tensorStatistics(
      checkpoint,
      tensor,
      { backend, signal },
      { outlierRule: options.outliers },
    );
    const map = await outlierMap(
      checkpoint,
      tensor,
      { ...mapSize(tensor.shape), threshold: outliers.threshold },
      { backend, signal },
    );
    const largest = map.absMaximum.reduce((most, value) => Math.max(most, value), 0);
    const picture = outlierMapColors(map, { std, scale: largest > LINEAR_TOP * std ? "log" : "linear" });
    await writeFileAtomic(options.png, outlierMapPng(picture));
    const { tilesAcross, tilesDown, tileRows, tileColumns } = map;
    const legend = picture.legend.map(({ value }) => formatNumber(value, 1));
    if (options.json) {
      printJson({
        path,
        tensor: name,
        png: options.png,
        std,
        tilesAcross,
        tilesDown,
        tileRows,
        tileColumns,
        legend,
        outliers,
      });
      return;
    }
    console.log(
      `${printable(name)}: ${tilesAcross}×${tilesDown} tiles of ${tileRows}×${tileColumns} weights → ${options.png}`,
    );
    console.log(
      `colour: largest |w| of a tile in std (${std.toPrecision(4)}); the strip below the map runs over ${legend.join(", ")}`,
    );
    console.log(
      `outliers (${describeOutlierRule(outliers.rule)}): ${outliers.count}, ${(outliers.share * 100).toFixed(4)} %`,
    );
  } finally {
    backend.close();
    await checkpoint.close();
  }
}

function incomplete(message: string, missing: string): LowbitError {
  return new LowbitError("options/command-line", message, { missing });
}

function findTensor(checkpoint: Checkpoint, name: string): CheckpointTensor {
  const tensor = checkpoint.tensor(name);
  if (tensor?.blockType !== undefined) {
    throw new LowbitError(
      "layouts/not-floats",
      `"${name}" is stored in blocks of ${tensor.blockType}; leave out --arrays.`,
      {
        tensor: name,
        dtype: tensor.blockType,
      },
    );
  }
  if (tensor) return tensor;
  const last = name.split(".").at(-2) ?? name;
  const similar = checkpoint.tensors.filter((candidate) => candidate.name.includes(last)).slice(0, 5);
  throw new LowbitError(
    "options/unknown-tensor",
    `${checkpoint.name} has no tensor "${name}"${similar.length > 0 ? `; similar: ${similar.map((found) => found.name).join(", ")}` : ""}.`,
    {
      tensor: name,
      similar: similar.map((found) => found.name),
    },
  );
}
