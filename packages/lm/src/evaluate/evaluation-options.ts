import type { CacheGrouping, CachePrecision } from "../cache/cache-precision.js";
import type { ActivationBits } from "../forward/activation-precision.js";

/** How a text is cut into windows. */
export interface WindowOptions {
  /** Tokens of a window, begin token included; default: the model's context, at most 2048. */
  readonly context?: number;
  /** Ids from one window to the next; default: all ids of a window, so that windows do not overlap. */
  readonly stride?: number;
  /** Put before every window; absent: nothing is. */
  readonly beginToken?: number;
  /** Uses so many ids from the start of the text. */
  readonly maxTokens?: number;
  readonly maxWindows?: number;
}

export interface EvaluationProgress {
  readonly doneTokens: number;
  readonly totalTokens: number;
  /** Mean negative log-likelihood of the tokens so far, nats; absent where none is measured. */
  readonly nll?: number;
}

export interface RunOptions extends WindowOptions {
  /** Tokens of all windows that run together; default: what fits into 48 MB of activations, at most 512. */
  readonly batchTokens?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EvaluationProgress) => void;
}

export interface EvaluationOptions extends RunOptions {
  /** Rounds activations before linear layers; default: what the model was trained with. */
  readonly activationBits?: ActivationBits;
  /** Keys and values are kept in this precision before queries see them; default: f32, which needs no cache. */
  readonly cachePrecision?: CachePrecision;
  /** What shares a scale in a cache of 8 bits or fewer; default: features of a token. */
  readonly cacheGrouping?: CacheGrouping;
  /** Keeps keys turned; see `KeyValueCacheOptions`. Default: false. */
  readonly rotateKeys?: boolean;
}
