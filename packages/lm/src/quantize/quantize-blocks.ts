import type { KernelBackend } from "@lowbit/core/backend";
import type { LayerStatistics, StatisticKind } from "@lowbit/core/quantizers";
import type { RowBlock } from "@lowbit/core/tensor";
import { type InputTransform, runnableTerm } from "@lowbit/core/terms";
import type { ActivationStoreFactory } from "../calibration/activation-store.js";
import type { CalibrationSet } from "../calibration/calibration-set.js";
import { inputKinds } from "../calibration/collectors/collector-table.js";
import { replaceLayers } from "../calibration/replace-layers.js";
import type { StatisticsFile } from "../calibration/statistics-file.js";
import { type CalibrationProtocol, walkBlocks } from "../calibration/walk-blocks.js";
import { decodeRows } from "../forward/linear.js";
import { type Pause, pauseUnlessAborted } from "../forward/pause-unless-aborted.js";
import { inputGroups } from "../model/input-groups.js";
import type { ModelSource } from "../model/language-model.js";
import { type Block, blockLinears, type LinearLayer } from "../model/layers.js";
import type { LayerTransforms } from "../transform/layer-transforms.js";
import type { BlockChoices } from "./choose-layers.js";
import { type QuantizedLinear, quantizeLayer } from "./quantize-layer.js";

/** Where the statistics of layers come from. */
export type BlockStatistics =
  /** Saved ones, or none. */
  | { readonly kind: "saved"; readonly file?: StatisticsFile; readonly kinds: readonly StatisticKind[] }
  /** A walk over the blocks with a calibration set; gradients are saved ones. */
  | {
      readonly kind: "walk";
      readonly set: CalibrationSet;
      readonly protocol: CalibrationProtocol;
      readonly kinds: readonly StatisticKind[];
      readonly gradients?: StatisticsFile;
      readonly createStore?: ActivationStoreFactory;
      readonly tokensPerBatch?: number;
    };

export interface QuantizedBlock {
  readonly index: number;
  readonly layers: readonly QuantizedLinear[];
  readonly seconds: number;
}

export interface BlockProgress {
  readonly block: number;
  readonly blockCount: number;
  /** "samples 64 of 128", or the name of the layer that is quantized. */
  readonly step: string;
  /** Layers that are quantized, of those of this run. */
  readonly done: number;
  readonly total: number;
}

export interface QuantizeBlocksOptions {
  readonly statistics: BlockStatistics;
  readonly layerTransforms?: LayerTransforms;
  /** Blocks that an earlier run has done, from the first on. */
  readonly doneBlocks?: number;
  /** One of these as it was kept. */
  readonly loadDone?: (original: Block) => Promise<Block>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BlockProgress) => void;
}

/**
 * Quantizes the chosen layers of a model block after block, one block in memory at a time, and hands every finished block
 * over. Blocks come in ascending order, each once.
 * @throws `pipeline/aborted`, `calibration/…`, `quantize/…`
 */
export async function quantizeBlocks(
  source: ModelSource,
  backend: KernelBackend,
  blocks: readonly BlockChoices[],
  options: QuantizeBlocksOptions,
  blockDone: (block: QuantizedBlock) => Promise<void>,
): Promise<void> {
  const work = new BlockQuantizer(backend, blocks, options, blockDone);
  const { statistics } = options;
  if (statistics.kind === "walk") await work.walk(source, statistics);
  else await work.each(source, statistics);
}

class BlockQuantizer {
  readonly #backend: KernelBackend;
  readonly #blocks: readonly BlockChoices[];
  readonly #options: QuantizeBlocksOptions;
  readonly #blockDone: (block: QuantizedBlock) => Promise<void>;
  readonly #pause: Pause;
  #doneLayers = 0;
  #started = performance.now();

  constructor(
    backend: KernelBackend,
    blocks: readonly BlockChoices[],
    options: QuantizeBlocksOptions,
    blockDone: (block: QuantizedBlock) => Promise<void>,
  ) {
    this.#backend = backend;
    this.#blocks = blocks;
    this.#options = options;
    this.#blockDone = blockDone;
    this.#pause = pauseUnlessAborted(
      options.signal,
      "pipeline/aborted",
      "The run was cancelled; finished blocks are kept.",
    );
  }

  get #first(): number {
    return this.#options.doneBlocks ?? 0;
  }

  /** Blocks one after the other as they are in the model. */
  async each(
    source: ModelSource,
    { file, kinds }: Extract<BlockStatistics, { readonly kind: "saved" }>,
  ): Promise<void> {
    for (const { index } of this.#blocks.slice(this.#first)) {
      const { part: block, release } = await source.loadBlock(index);
      try {
        const layers = await this.#quantize(block, blockLinears(block), async (layer) =>
          kinds.length === 0 ? undefined : file?.layer(layer.name, kinds),
        );
        await this.#finish(index, layers);
      } finally {
        release();
      }
    }
  }

  /** Blocks with the inputs that reach them; the walk runs what was made of them. */
  async walk(
    source: ModelSource,
    {
      set,
      protocol,
      kinds,
      gradients,
      createStore,
      tokensPerBatch,
    }: Extract<BlockStatistics, { readonly kind: "walk" }>,
  ): Promise<void> {
    const { signal, loadDone, onProgress } = this.#options;
    const collect = inputKinds(kinds);
    const ofGradients = kinds.filter((kind) => !collect.some((input) => input === kind));
    let finished: QuantizedLinear[] = [];
    let seen = 0;
    await walkBlocks(
      source,
      this.#backend,
      set,
      {
        protocol,
        collect,
        ...(createStore !== undefined && { createStore }),
        ...(tokensPerBatch !== undefined && { tokensPerBatch }),
        ...(signal !== undefined && { signal }),
        ...(loadDone !== undefined && { resume: { blocks: this.#first, replaced: loadDone } }),
        onProgress: ({ block, done }) =>
          onProgress?.(this.#progress(block, `sample ${((done - 1) % set.samples) + 1} of ${set.samples}`)),
      },
      async ({ block, layers, statistics }) => {
        const made = await this.#quantize(block, layers, async (layer) => {
          const inputs = statistics.get(layer.name)!;
          if (gradients === undefined || ofGradients.length === 0) return inputs;
          const saved = await gradients.layer(layer.name, ofGradients);
          return { ...inputs, values: { ...inputs.values, ...saved.values } };
        });
        finished.push(...made);
        seen += layers.length;
        if (seen === this.#blocks[block.index]!.layerCount) {
          await this.#finish(block.index, finished);
          finished = [];
          seen = 0;
        }
        return made.length === 0
          ? undefined
          : replaceLayers(
              block,
              made.map(({ layer }) => runnableLayer(layer)),
            );
      },
    );
  }

  async #quantize(
    block: Block,
    layers: readonly LinearLayer[],
    statisticsOf: (layer: LinearLayer) => Promise<LayerStatistics | undefined>,
  ): Promise<QuantizedLinear[]> {
    const { choices } = this.#blocks[block.index]!;
    const quantized: QuantizedLinear[] = [];
    for (const [group, members] of inputGroups(block).entries()) {
      const turn = members.filter((layer) => layers.includes(layer) && choices.has(layer.name));
      const transforms = await this.#transforms(block.index, group, turn, statisticsOf);
      for (const layer of turn) {
        this.#options.onProgress?.(this.#progress(block.index, layer.name));
        await this.#pause();
        const choice = { ...choices.get(layer.name)!, transforms };
        quantized.push(quantizeLayer(layer, choice, await statisticsOf(layer), this.#backend));
        this.#doneLayers++;
      }
    }
    return quantized;
  }

  /** The same for all layers that read one input. */
  async #transforms(
    block: number,
    index: number,
    layers: readonly LinearLayer[],
    statisticsOf: (layer: LinearLayer) => Promise<LayerStatistics | undefined>,
  ): Promise<readonly InputTransform[]> {
    const { layerTransforms } = this.#options;
    const [first] = layers;
    if (layerTransforms === undefined || first === undefined) return [];
    const group = { block, index, layers: layers.map((layer) => ({ layer, weights: decoded(layer, this.#backend) })) };
    return layerTransforms.make(group, await statisticsOf(first), this.#backend);
  }

  async #finish(index: number, layers: readonly QuantizedLinear[]): Promise<void> {
    const now = performance.now();
    await this.#blockDone({ index, layers, seconds: (now - this.#started) / 1000 });
    this.#started = now;
  }

  #progress(block: number, step: string): BlockProgress {
    const total = this.#blocks.slice(this.#first).reduce((sum, { choices }) => sum + choices.size, 0);
    return { block, blockCount: this.#blocks.length, step, done: this.#doneLayers, total };
  }
}

/** The layer with terms that can be multiplied: some forms only store. */
export function runnableLayer(layer: LinearLayer): LinearLayer {
  return { ...layer, terms: layer.terms.map(runnableTerm) };
}

function decoded(layer: LinearLayer, backend: KernelBackend): RowBlock {
  const { rows, columns } = layer;
  const values = new Float32Array(rows * columns);
  decodeRows(layer, 0, rows, values, backend);
  return { values, rows, columns };
}
