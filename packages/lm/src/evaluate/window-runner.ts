import type { KernelBackend, RotaryTables } from "@lowbit/core/backend";
import type { CacheGrouping, CachePrecision } from "../cache/cache-precision.js";
import { createKeyValueCache, type KeyValueCache } from "../cache/key-value-cache.js";
import { type ActivationBits, activationRounding } from "../forward/activation-precision.js";
import { ComputeOps, type LinearObserver } from "../forward/compute-ops.js";
import { rotaryTables } from "../forward/rotary-tables.js";
import { runBlock } from "../forward/run-block.js";
import { passContext, runHead } from "../forward/run-model.js";
import type { Tensor } from "../forward/tensor.js";
import { TensorPool } from "../forward/tensor-pool.js";
import type { LanguageModel } from "../model/language-model.js";
import type { Block } from "../model/layers.js";

/** Windows of equal length that run together. */
export interface WindowBatch {
  /** [sequences · length] */
  readonly inputs: Uint32Array;
  readonly sequences: number;
  readonly length: number;
}

export interface WindowRunnerOptions {
  readonly activationBits?: ActivationBits;
  readonly cachePrecision?: CachePrecision;
  readonly cacheGrouping?: CacheGrouping;
  readonly rotateKeys?: boolean;
  readonly onLinear?: LinearObserver;
  /** Most tokens that run through a block together; a longer window goes in pieces, through a cache of one block. */
  readonly batchTokens: number;
}

/** Runs windows through a model one block at a time, so that no more than one block's keys and values are in memory. */
export class WindowRunner {
  readonly model: LanguageModel;
  readonly ops: ComputeOps;
  readonly rounding: Pick<WindowRunnerOptions, "activationBits">;
  readonly #options: WindowRunnerOptions;
  readonly #length: number;
  readonly #rotary: RotaryTables | undefined;
  #cache: KeyValueCache | undefined;

  /** @param length inputs of every window */
  constructor(
    model: LanguageModel,
    backend: KernelBackend,
    pool: TensorPool,
    length: number,
    options: WindowRunnerOptions,
  ) {
    const { onLinear } = options;
    this.model = model;
    this.rounding = activationRounding(model.config, options.activationBits);
    this.ops = new ComputeOps(backend, { ...this.rounding, ...(onLinear !== undefined && { onLinear }) }, pool);
    this.#options = options;
    this.#length = length;
    this.#rotary = rotaryTables(model.config, length);
  }

  /** The residual stream before the first block; release it. */
  embed({ inputs, sequences, length }: WindowBatch): Tensor {
    const { positions } = passContext(
      this.model,
      { tokens: inputs, sequences, length, firstPosition: 0 },
      this.#rotary,
    );
    return this.ops.scope(() => this.ops.embed(this.model.embedding, inputs, positions));
  }

  /** The residual stream after a block; release it. */
  block(block: Block, x: Tensor, { inputs, sequences, length }: WindowBatch): Tensor {
    const { ops } = this;
    const step = sequences > 1 ? length : Math.min(length, this.#options.batchTokens);
    const { cachePrecision = "f32" } = this.#options;
    const cache = step < length || cachePrecision !== "f32" ? this.#emptyCache(sequences, length) : undefined;
    const caches = cache && this.model.blocks.map(() => cache.layers[0]!);
    const run = (piece: Tensor, firstPosition: number, tokens: number): Tensor =>
      runBlock(
        ops,
        block,
        piece,
        passContext(this.model, { tokens: inputs, sequences, length: tokens, firstPosition }, this.#rotary, caches),
      );
    if (step === length) return run(x, 0, length);
    const y = ops.make(x.rows, x.columns);
    for (let begin = 0; begin < length; begin += step) {
      const tokens = Math.min(step, length - begin);
      const piece = copyRows(ops, x, begin, tokens);
      const done = run(piece, begin, tokens);
      y.values.set(done.values, begin * x.columns);
      ops.release(piece);
      ops.release(done);
    }
    return y;
  }

  /** Logits of rows of the residual stream after the last block; release them. */
  head(rows: Tensor): Tensor {
    return runHead(this.ops, this.model, rows);
  }

  /** The same model and settings with an observer, in memory of its own. */
  observed(onLinear: LinearObserver): WindowRunner {
    const { backend } = this.ops;
    return new WindowRunner(this.model, backend, new TensorPool(backend), this.#length, { ...this.#options, onLinear });
  }

  release(): void {
    this.#cache?.release();
    this.#cache = undefined;
  }

  /** Holds one block; every block uses it in turn. */
  #emptyCache(sequences: number, capacity: number): KeyValueCache {
    const { cachePrecision = "f32", cacheGrouping = "token", rotateKeys = false } = this.#options;
    if (this.#cache?.sequences !== sequences) {
      this.release();
      this.#cache = createKeyValueCache({ ...this.model.config, blockCount: 1 }, this.ops.backend, {
        sequences,
        capacity,
        precision: cachePrecision,
        grouping: cacheGrouping,
        rotateKeys,
      });
    }
    this.#cache!.clear();
    return this.#cache!;
  }
}

/** Rows `begin` … `begin + count − 1` in a tensor of their own; release it. */
export function copyRows(ops: ComputeOps, x: Tensor, begin: number, count: number): Tensor {
  const copy = ops.make(count, x.columns);
  copy.values.set(x.values.subarray(begin * x.columns, (begin + count) * x.columns));
  return copy;
}
