import type { KernelBackend } from "@lowbit/core/backend";
import type { LayerStatistics } from "@lowbit/core/quantizers";
import { type ActivationBits, activationRounding } from "../forward/activation-precision.js";
import { ComputeOps } from "../forward/compute-ops.js";
import { TensorPool } from "../forward/tensor-pool.js";
import { inputGroups } from "../model/input-groups.js";
import type { LanguageModel, ModelSource } from "../model/language-model.js";
import type { Block, LinearLayer } from "../model/layers.js";
import { type PartAccess, partAccess } from "../model/part-access.js";
import { type ActivationStore, type ActivationStoreFactory, createMemoryStore } from "./activation-store.js";
import { BatchRunner, type BlockPass, type OutputObserver } from "./batch-runner.js";
import type { CalibrationSet } from "./calibration-set.js";
import { checkReplacement } from "./check-replacement.js";
import type { InputObservers } from "./collecting-ops.js";
import type { InputStatisticKind, StatisticDtype } from "./collectors/collector.js";
import { collectGroups } from "./group-collection.js";
import { checkSampleLength, samplesPerBatch } from "./sample-batches.js";

/**
 * Where the inputs of a block come from.
 *
 * - `original`: the blocks before it as they are in the model; each block runs once, whatever the visitor answers.
 * - `quantized`: the blocks that the visitor answered for those before it. Each block runs once for statistics and once,
 *   replaced, for the inputs of the next.
 * - `true-sequential`: like `quantized`, and also inside a block: its groups of layers ({q, k, v} → {o} → {gate, up} → {down})
 *   are visited one after the other, each with statistics of inputs behind the groups that were replaced before it.
 */
export type CalibrationProtocol = "original" | "quantized" | "true-sequential";

/** Activations of the block that is visited. */
export interface BlockActivations {
  /** Inputs of the block, of the protocol's model. */
  readonly inputs: ActivationStore;
  /** Outputs of this block in the original model; where the walk keeps activations. */
  readonly targets?: ActivationStore;
  /** Runs a block, such as a candidate to replace this one, on `inputs`; nothing is stored. */
  run(block: Block, onOutput: OutputObserver): Promise<void>;
}

/** What a visitor of a walk sees: layers, all statistics of which are complete. */
export interface VisitedLayers {
  /** The block with what was replaced in it so far. */
  readonly block: Block;
  /** The block as it is in the model. */
  readonly original: Block;
  /** The layers whose turn it is, of `block`: all, or with `true-sequential` one group. */
  readonly layers: readonly LinearLayer[];
  /** By name of the weight; one entry for each of `layers`. */
  readonly statistics: ReadonlyMap<string, LayerStatistics>;
  /** Absent with the protocol `original`, unless the walk keeps activations. */
  readonly activations?: BlockActivations;
}

/** May answer the block that takes the place of `block` in all that follows; see `replaceLayers`. */
export type BlockVisitor = (visited: VisitedLayers) => Promise<Block | undefined> | Block | undefined;

export interface WalkOptions {
  readonly protocol: CalibrationProtocol;
  /** Statistics of inputs to collect; [] for none. */
  readonly collect: readonly InputStatisticKind[];
  /** Of statistics; F64 also sums Hessians in f64. Default: F32. */
  readonly dtype?: StatisticDtype;
  /** Tokens that run through a block together, at least one sample; default 2048. */
  readonly tokensPerBatch?: number;
  /** Also gives the visitor `activations.targets`, in a second store. Default: false. */
  readonly keepsActivations?: boolean;
  /** Rounds activations; default: what the model was trained with. */
  readonly activationBits?: ActivationBits;
  /** Where activations of all samples are held; default: memory. Stores are closed at the end, however it comes. */
  readonly createStore?: ActivationStoreFactory;
  /** Goes on with a walk that was cut short. */
  readonly resume?: ResumedWalk;
  readonly signal?: AbortSignal;
  /** Called after every batch of samples. */
  readonly onProgress?: (progress: WalkProgress) => void;
}

/** The part of a walk that is done: these blocks run once, unvisited, without statistics. */
export interface ResumedWalk {
  /** How many blocks were visited, from the first on. */
  readonly blocks: number;
  /** What the visitor answered for one of them, as it was saved. With the protocol `original` it is not asked. */
  replaced(original: Block): Promise<Block> | Block;
}

export interface WalkProgress {
  readonly block: number;
  readonly blockCount: number;
  /** Samples that ran through a block, passes of replaced blocks included, of the visitor's own runs not. */
  readonly done: number;
  readonly total: number;
}

/**
 * Walks a model block by block, one block in memory at a time, with the activations of all samples beside it: collects
 * statistics of the inputs of linear layers and shows them to `visit`, which may replace the block. The same on every run
 * with the same backend.
 * @throws `calibration/invalid-option`, `calibration/non-finite-activation`, `calibration/block-mismatch`, `calibration/aborted`
 */
export async function walkBlocks(
  model: LanguageModel | ModelSource,
  backend: KernelBackend,
  set: CalibrationSet,
  options: WalkOptions,
  visit: BlockVisitor,
): Promise<void> {
  const parts = partAccess(model);
  checkSampleLength(set, parts.config);
  const pool = new TensorPool(backend);
  const { createStore = createMemoryStore, keepsActivations = false } = options;
  const shape = { samples: set.samples, length: set.length, columns: parts.config.hiddenSize };
  const stores: ActivationStore[] = [];
  try {
    const stream = await createStore(shape);
    stores.push(stream);
    const originals = keepsActivations ? await createStore(shape) : undefined;
    if (originals !== undefined) stores.push(originals);
    await new BlockWalk(parts, backend, pool, set, options, visit).run(stream, originals);
  } finally {
    pool.trim();
    await Promise.all(stores.map((store) => store.close()));
  }
}

/** Groups of layers of a block: see `inputGroups`. */
const TURNS = 4;

class BlockWalk {
  readonly #parts: PartAccess;
  readonly #backend: KernelBackend;
  readonly #pool: TensorPool;
  readonly #set: CalibrationSet;
  readonly #options: WalkOptions;
  readonly #visit: BlockVisitor;
  readonly #runner: BatchRunner;
  #doneSamples = 0;

  constructor(
    parts: PartAccess,
    backend: KernelBackend,
    pool: TensorPool,
    set: CalibrationSet,
    options: WalkOptions,
    visit: BlockVisitor,
  ) {
    this.#parts = parts;
    this.#backend = backend;
    this.#pool = pool;
    this.#set = set;
    this.#options = options;
    this.#visit = visit;
    const { signal } = options;
    this.#runner = new BatchRunner({
      config: parts.config,
      backend,
      pool,
      samples: set.samples,
      length: set.length,
      samplesPerBatch: samplesPerBatch(set, options.tokensPerBatch),
      ...activationRounding(parts.config, options.activationBits),
      ...(signal !== undefined && { signal }),
    });
  }

  async run(first: ActivationStore, second: ActivationStore | undefined): Promise<void> {
    await this.#embed(second === undefined ? [first] : [first, second]);
    const { blockCount } = this.#parts.config;
    let [stream, originals] = [first, second];
    for (let index = 0; index < blockCount; index++) {
      const { part, release } = await this.#parts.loadBlock(index);
      try {
        if (index < (this.#options.resume?.blocks ?? 0)) await this.#runResumed(part, stream, originals);
        else if (this.#options.protocol === "original") {
          await this.#visitOriginal(part, stream, originals);
          if (originals !== undefined) [stream, originals] = [originals, stream];
        } else await this.#visitReplaced(part, stream, originals);
      } finally {
        release();
      }
    }
  }

  /** Token vectors into every store. */
  async #embed(stores: readonly ActivationStore[]): Promise<void> {
    const { part: embedding, release } = await this.#parts.loadEmbedding();
    try {
      const ops = new ComputeOps(this.#backend, {}, this.#pool);
      const { ids, length } = this.#set;
      await this.#runner.eachBatch(async (first, { positions, sequences }) => {
        const tokens = ids.subarray(first * length, (first + sequences) * length);
        const x = ops.scope(() => ops.embed(embedding, tokens, positions));
        try {
          for (const store of stores) await store.write(first, x.values);
        } finally {
          ops.release(x);
        }
      });
    } finally {
      release();
    }
  }

  async #runResumed(original: Block, stream: ActivationStore, originals: ActivationStore | undefined): Promise<void> {
    if (originals !== undefined) await this.#runner.run({ block: original, from: originals, to: originals });
    const { protocol, resume } = this.#options;
    const block = protocol === "original" ? original : await resume!.replaced(original);
    checkReplacement(original, block);
    await this.#runner.run({ block, from: stream, to: stream });
    this.#reportDone(original, this.#passesPerBlock * this.#set.samples);
  }

  /** One pass: statistics and outputs together. */
  async #visitOriginal(block: Block, inputs: ActivationStore, targets: ActivationStore | undefined): Promise<void> {
    const groups = inputGroups(block);
    const statistics = await this.#collect(groups, (observers) =>
      this.#pass({ block, from: inputs, to: targets ?? inputs, observers }),
    );
    const replaced = await this.#visit({
      block,
      original: block,
      layers: groups.flat(),
      statistics,
      ...(targets !== undefined && { activations: this.#activations(inputs, targets) }),
    });
    if (replaced !== undefined) checkReplacement(block, replaced);
  }

  /** Statistics first, all at once or group by group, then the outputs of what the visitor answered. */
  async #visitReplaced(original: Block, inputs: ActivationStore, targets: ActivationStore | undefined): Promise<void> {
    if (targets !== undefined) await this.#pass({ block: original, from: targets, to: targets });
    const all = inputGroups(original).map((_, group) => group);
    const turns = this.#options.protocol === "true-sequential" ? all.map((group) => [group]) : [all];
    let block = original;
    for (const turn of turns) {
      const current = block;
      const groups = turn.map((group) => inputGroups(current)[group]!);
      const statistics = await this.#collect(groups, async (observers) => {
        if (this.#options.collect.length > 0) await this.#pass({ block: current, from: inputs, observers });
      });
      const activations = this.#activations(inputs, targets);
      const replaced = await this.#visit({ block, original, layers: groups.flat(), statistics, activations });
      if (replaced === undefined) continue;
      checkReplacement(original, replaced);
      block = replaced;
    }
    await this.#pass({ block, from: inputs, to: inputs });
  }

  #pass(pass: BlockPass): Promise<void> {
    return this.#runner.run({ ...pass, onBatch: (samples) => this.#reportDone(pass.block, samples) });
  }

  #reportDone({ index }: Block, samples: number): void {
    const { blockCount } = this.#parts.config;
    this.#doneSamples += samples;
    const total = blockCount * this.#passesPerBlock * this.#set.samples;
    this.#options.onProgress?.({ block: index, blockCount, done: this.#doneSamples, total });
  }

  get #passesPerBlock(): number {
    const { protocol, collect, keepsActivations = false } = this.#options;
    if (protocol === "original") return 1;
    const collecting = collect.length === 0 ? 0 : protocol === "quantized" ? 1 : TURNS;
    return collecting + 1 + Number(keepsActivations);
  }

  #activations(inputs: ActivationStore, targets: ActivationStore | undefined): BlockActivations {
    return {
      inputs,
      ...(targets !== undefined && { targets }),
      run: (block, onOutput) => this.#runner.run({ block, from: inputs, onOutput }),
    };
  }

  #collect(groups: readonly (readonly LinearLayer[])[], run: (observers: InputObservers) => Promise<void>) {
    const { collect, dtype = "F32" } = this.#options;
    const { samples, length } = this.#set;
    return collectGroups(groups, { backend: this.#backend, kinds: collect, dtype, samples, length }, run);
  }
}
