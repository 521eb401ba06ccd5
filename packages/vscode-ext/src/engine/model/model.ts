import { recogniseWeights } from "@lowbit/core/layouts";
import type { Checkpoint } from "@lowbit/core/safetensors";
import type { Comparison } from "../compare/comparison.js";
import { createLayerViews, type LayerViews } from "../layers/layer-views.js";
import { createStatisticsStore, type StatisticsStore } from "../statistics-store.js";
import { createTrialStore, type TrialStore } from "../trial/trial-store.js";
import { type LayerRow, layerRows } from "./layer-row.js";
import type { ModelFiles } from "./model-files.js";
import { openFiles } from "./open-files.js";

/** An open model with everything that is kept of it: dropped whole when its file changes. */
export interface Model {
  /** No two models that were ever open have the same. */
  readonly key: string;
  readonly files: ModelFiles;
  readonly checkpoint: Checkpoint;
  /** In the order of the checkpoint. */
  readonly rows: readonly LayerRow[];
  row(name: string): LayerRow | undefined;
  readonly statistics: StatisticsStore;
  readonly layers: LayerViews;
  readonly trials: TrialStore;
  /** The other checkpoint, while there is one. */
  comparison: Comparison | undefined;
  close(): Promise<void>;
}

let opened = 0;

/** @throws what opening the checkpoint and recognising its weights throw */
export async function openModel(files: ModelFiles, signal: AbortSignal): Promise<Model> {
  const checkpoint = await openFiles(files, signal);
  try {
    const rows = layerRows(recogniseWeights(checkpoint));
    // Made when a weight is first asked for: the first picture of a model needs none.
    let byName: ReadonlyMap<string, LayerRow> | undefined;
    opened += 1;
    const statistics = createStatisticsStore();
    const model: Model = {
      key: `model ${opened}`,
      files,
      checkpoint,
      rows,
      row(name) {
        byName ??= new Map(rows.map((row) => [row.name, row]));
        return byName.get(name);
      },
      statistics,
      layers: createLayerViews(rows, statistics),
      trials: createTrialStore(),
      comparison: undefined,
      async close() {
        await model.comparison?.sides.other.checkpoint.close();
        await checkpoint.close();
      },
    };
    return model;
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}
