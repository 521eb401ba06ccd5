import type { KernelBackend } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { largestTransformSize } from "@lowbit/core/linalg";
import type { LayerCache } from "../forward/forward-ops.js";
import type { DecoderConfig } from "../model/decoder-config.js";
import { BlockCache } from "./block-cache.js";
import { type CacheGrouping, type CachePrecision, checkCacheGrouping, checkCachePrecision } from "./cache-precision.js";
import { ChannelGroupStore } from "./channel-group-store.js";
import { DecodeWorkspace } from "./decode-workspace.js";
import { FloatStore } from "./float-store.js";
import { HalfStore } from "./half-store.js";
import { TokenGroupStore } from "./token-group-store.js";
import type { StoreShape, VectorStore } from "./vector-store.js";

/** Tokens that share a scale of a key channel: the group of KIVI's experiments. */
const DEFAULT_GROUP_TOKENS = 32;

export interface KeyValueCacheOptions {
  /** Sequences of a batch. */
  readonly sequences: number;
  /** Most positions of a sequence. */
  readonly capacity: number;
  /** f32 when absent. */
  readonly precision?: CachePrecision;
  /** token when absent; without effect for f32 and f16. */
  readonly grouping?: CacheGrouping;
  /** Keep keys turned, so that no feature is much larger than the others; scores stay as they are. Default: false. */
  readonly rotateKeys?: boolean;
  /** Features of a token that share a scale; headSize when absent. */
  readonly groupSize?: number;
  /** Tokens that share a scale where keys are grouped by channel; 32 when absent. */
  readonly groupTokens?: number;
}

/** Keys and values of all blocks of a decoder. */
export interface KeyValueCache {
  /** One for each block. */
  readonly layers: readonly LayerCache[];
  readonly sequences: number;
  readonly capacity: number;
  readonly precision: CachePrecision;
  /** Positions held, per sequence. Between passes all blocks agree. */
  readonly length: number;
  /** Bytes of memory: the kept vectors, and the workspace as far as it has grown. */
  readonly byteLength: number;
  /** Keeps the first `length` positions of every sequence. @throws `generate/invalid-option` */
  truncate(length: number): void;
  /** Forgets every position; the memory stays. */
  clear(): void;
  release(): void;
}

/** What a cache must know of a decoder. */
export type CacheShape = Pick<DecoderConfig, "blockCount" | "keyValueHeadCount" | "headSize">;

/** @throws `generate/invalid-option` */
export function createKeyValueCache(
  config: CacheShape,
  backend: KernelBackend,
  options: KeyValueCacheOptions,
): KeyValueCache {
  const { sequences, capacity, groupSize = config.headSize, groupTokens = DEFAULT_GROUP_TOKENS } = options;
  const precision = checkCachePrecision(options.precision ?? "f32");
  const grouping = checkCacheGrouping(options.grouping ?? "token");
  for (const [name, found] of Object.entries({ sequences, capacity, groupSize, groupTokens })) checkCount(name, found);
  const width = config.keyValueHeadCount * config.headSize;
  const shape: StoreShape = { backend, sequences, capacity, width };
  const workspace = new DecodeWorkspace(backend, sequences * capacity * width);
  const newStore = (isKeys: boolean): VectorStore => {
    if (precision === "f32") return new FloatStore(shape);
    if (precision === "f16") return new HalfStore(shape);
    if (isKeys && grouping === "channel") return new ChannelGroupStore(shape, precision, groupTokens);
    return new TokenGroupStore(shape, precision, Math.min(groupSize, width));
  };
  const keyRotation = options.rotateKeys ? keyRotationSize(config.headSize) : undefined;
  const layers = Array.from(
    { length: config.blockCount },
    () => new BlockCache(shape, newStore(true), newStore(false), workspace, keyRotation),
  );
  const truncate = (length: number): void => {
    for (const layer of layers) layer.truncate(Math.min(length, layer.length));
  };
  return {
    layers,
    sequences,
    capacity,
    precision,
    get length() {
      return layers[0]?.length ?? 0;
    },
    get byteLength() {
      return layers.reduce((sum, layer) => sum + layer.byteLength, workspace.byteLength);
    },
    truncate(length) {
      if (!Number.isInteger(length) || length < 0 || length > this.length) {
        throw new LowbitError(
          "generate/invalid-option",
          `The key/value cache holds ${this.length} positions and cannot be cut to ${length}; 0 to ${this.length} are possible.`,
          { option: "length", found: length, minimum: 0, maximum: this.length },
        );
      }
      truncate(length);
    },
    clear: () => truncate(0),
    release() {
      for (const layer of layers) layer.release();
      workspace.release();
    },
  };
}

/** Features of a head that are mixed: all, or spans of the largest power of two that divides them. */
function keyRotationSize(headSize: number): number {
  const size = largestTransformSize(headSize);
  if (size > 1) return size;
  throw new LowbitError(
    "generate/invalid-option",
    `The option rotateKeys needs heads of an even size; they have ${headSize} features.`,
    { option: "rotateKeys", found: headSize },
  );
}

function checkCount(option: string, found: number): void {
  if (Number.isInteger(found) && found >= 1) return;
  throw new LowbitError(
    "generate/invalid-option",
    `The option ${option} of the key/value cache is ${found}; whole numbers from 1 are possible.`,
    { option, found, minimum: 1 },
  );
}
