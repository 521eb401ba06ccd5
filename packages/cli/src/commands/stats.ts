import {
  DEFAULT_OUTLIER_RULE,
  findPlaces,
  scanMethod,
  type TensorStatistics,
  type ValuePlaces,
} from "@lowbit/core/analysis";
import type { KernelBackend } from "@lowbit/core/backend";
import { isFloatDtype } from "@lowbit/core/dtype";
import { LowbitError } from "@lowbit/core/errors";
import { scanCheckpoint } from "@lowbit/core/node";
import type { Checkpoint, CheckpointTensor } from "@lowbit/core/safetensors";
import { type Command, Option } from "commander";
import { backendModule, backendOption, threadsOption } from "../backend-choice.js";
import { interruptSignal } from "../interrupt.js";
import { csvOption, printCsv } from "../output/csv.js";
import { printJson } from "../output/json.js";
import { createProgressDisplay } from "../output/progress.js";
import { drawMap, type MapOptions } from "../stats/draw-map.js";
import { MAP_QUANTITIES } from "../stats/map-picture.js";
import { openForStatistics } from "../stats/open-for-statistics.js";
import { parseOutlierRule } from "../stats/outlier-rule-option.js";
import { renderPlaces } from "../stats/render-places.js";
import { renderStatistics } from "../stats/render-statistics.js";
import { statisticsTable } from "../stats/statistics-table.js";
import { parseWindow } from "../stats/window-option.js";
import { selectByName } from "../tensor-glob.js";

interface StatsOptions extends MapOptions {
  readonly tensor?: string;
  readonly places?: boolean;
  readonly outlierMap?: string;
  readonly threads: number;
  readonly csv?: boolean;
}

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
      new Option("--outlier-map <tensor>", "draw one tensor, largest |w| / std; needs --png").conflicts([
        "tensor",
        "places",
        "csv",
      ]),
    )
    .option("--png <file>", "picture to write")
    .option("--window <rows,columns>", "draw only ROW:ROWS,COLUMN:COLUMNS, for example 0:64,128:32", parseWindow)
    .addOption(
      new Option("--quantity <name>", "what the map shows; error needs --against")
        .choices(MAP_QUANTITIES)
        .default("magnitude"),
    )
    .option("--against <path>", "checkpoint whose tensor of the same name is subtracted for --quantity error")
    .option("--arrays", "the stored arrays of quantized weights instead of their decoded values")
    .addOption(backendOption())
    .addOption(threadsOption())
    .option("--json", "print JSON")
    .addOption(csvOption().conflicts(["json", "places"]))
    .addHelpText(
      "after",
      "\nExamples:\n  lowbit stats model/\n  lowbit stats model/ --tensor '*layers.0.*' --places\n  lowbit stats model/ --outlier-map model.layers.0.mlp.down_proj.weight --png map.png\n  lowbit stats model/ --outlier-map lm_head.weight --png part.png --window 0:256,512:256 --quantity sign\n  lowbit stats model/ --csv > statistics.csv",
    )
    .action(async (path: string, options: StatsOptions) => {
      await (options.outlierMap === undefined ? stats(path, options) : drawMap(path, options.outlierMap, options));
    });
}

async function stats(path: string, options: StatsOptions): Promise<void> {
  refuseMapOptions(options);
  const signal = interruptSignal();
  const { checkpoint, backend, quantized } = await openForStatistics(path, options);
  const progress = createProgressDisplay();
  try {
    const selected = selectByName(checkpoint.tensors, options.tensor);
    const tensors = selected.filter(isScanned);
    const skipped = selected.filter((tensor) => !isScanned(tensor));
    const statistics = await scanCheckpoint({
      input: path,
      tensors,
      decoded: quantized.size > 0,
      backend: backendModule(options.backend),
      threads: options.threads,
      outlierRule: options.outliers,
      signal,
      onProgress: ({ tensor, doneBytes, totalBytes }) =>
        progress.update({ label: tensor, done: doneBytes, total: totalBytes }),
    });
    progress.finish();
    const places = options.places ? await placesOf(checkpoint, statistics, backend, signal) : undefined;
    if (options.csv) {
      printCsv(statisticsTable(statistics, new Set(quantized.keys())));
      return;
    }
    if (options.json) {
      printJson({
        path,
        tensors: statistics.map((figures) => ({
          ...figures,
          isDecoded: quantized.has(figures.name),
          ...places?.get(figures.name),
        })),
        skipped: skipped.map((tensor) => ({ name: tensor.name, dtype: storedAs(tensor) })),
      });
      return;
    }
    console.log(renderStatistics(statistics));
    if (places) console.log(`\n${renderPlaces(places)}`);
    const decodedCount = statistics.filter(({ name }) => quantized.has(name)).length;
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

/** Options of a map where none is drawn would do nothing. */
function refuseMapOptions({ png, window, against, quantity }: StatsOptions): void {
  const given = { png, window, against, quantity: quantity === "magnitude" ? undefined : quantity };
  for (const [option, value] of Object.entries(given)) {
    if (value === undefined) continue;
    throw new LowbitError("options/command-line", `--${option} needs --outlier-map TENSOR, what to draw.`, {
      missing: "--outlier-map",
    });
  }
}
