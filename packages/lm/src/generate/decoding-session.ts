import type { KernelBackend, RotaryTables } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { checkRoom } from "../cache/block-cache.js";
import type { CacheGrouping, CachePrecision } from "../cache/cache-precision.js";
import { createKeyValueCache, type KeyValueCache } from "../cache/key-value-cache.js";
import { type ActivationBits, activationRounding } from "../forward/activation-precision.js";
import { ComputeOps } from "../forward/compute-ops.js";
import { rotaryTables } from "../forward/rotary-tables.js";
import { passContext, runBlocks, runHead } from "../forward/run-model.js";
import type { LanguageModel } from "../model/language-model.js";

export interface DecodingOptions {
  /** Most positions, prompt included. */
  readonly capacity: number;
  /** Of the key/value cache; f32 when absent. */
  readonly cachePrecision?: CachePrecision;
  readonly cacheGrouping?: CacheGrouping;
  /** Keeps keys turned; see `KeyValueCacheOptions`. Default: false. */
  readonly rotateKeys?: boolean;
  /** What the model was trained with when absent. */
  readonly activationBits?: ActivationBits;
}

/**
 * One sequence that grows: each pass computes only what is new. Passes throw `generate/empty-prompt` for no tokens and
 * `generate/cache-full` for more than the capacity.
 */
export class DecodingSession {
  readonly #model: LanguageModel;
  readonly #ops: ComputeOps;
  readonly #rotary: RotaryTables | undefined;
  readonly cache: KeyValueCache;

  constructor(model: LanguageModel, backend: KernelBackend, options: DecodingOptions) {
    const { capacity, cachePrecision, cacheGrouping, rotateKeys = false } = options;
    this.#model = model;
    this.#ops = new ComputeOps(backend, activationRounding(model.config, options.activationBits));
    this.#rotary = rotaryTables(model.config, capacity);
    this.cache = createKeyValueCache(model.config, backend, {
      sequences: 1,
      capacity,
      ...(cachePrecision !== undefined && { precision: cachePrecision }),
      ...(cacheGrouping !== undefined && { grouping: cacheGrouping }),
      rotateKeys,
    });
  }

  /** Appends tokens without asking what comes after them. */
  extend(tokens: Uint32Array): void {
    this.#pass(tokens, false);
  }

  /** Appends tokens; the logits [vocabulary] of what comes after the last of them. */
  next(tokens: Uint32Array): Float32Array {
    return this.#pass(tokens, true)!;
  }

  #pass(tokens: Uint32Array, wantsLogits: boolean): Float32Array | undefined {
    if (tokens.length === 0) throw new LowbitError("generate/empty-prompt", "0 tokens were given; 1 is the least.");
    checkRoom(this.cache.capacity, this.cache.length, tokens.length);
    const ops = this.#ops;
    const batch = { tokens, sequences: 1, length: tokens.length, firstPosition: this.cache.length };
    const context = passContext(this.#model, batch, this.#rotary, this.cache.layers);
    const x = runBlocks(ops, this.#model, batch, context);
    try {
      if (!wantsLogits) return undefined;
      const last = ops.make(1, x.columns);
      last.values.set(x.values.subarray(-x.columns));
      const logits = runHead(ops, this.#model, last);
      const copy = logits.values.slice();
      ops.release(last);
      ops.release(logits);
      return copy;
    } finally {
      ops.release(x);
    }
  }

  /** Frees the cache and the working memory; the model stays. */
  close(): void {
    this.cache.release();
    this.#ops.pool.trim();
  }
}
