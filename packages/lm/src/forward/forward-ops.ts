import type { ActivationKind, RotaryTables } from "@lowbit/core/backend";
import type { Embedding, LinearLayer, NormLayer } from "../model/layers.js";
import type { Tensor } from "./tensor.js";

/** What attention needs to know besides its operands. */
export interface AttentionContext {
  readonly sequences: number;
  readonly headCount: number;
  readonly keyValueHeadCount: number;
  readonly headSize: number;
  readonly scale: number;
  /** 0: none. */
  readonly window: number;
  /** Present: keys and values are appended to it, and queries see all that it holds. */
  readonly cache?: LayerCache;
}

/** Keys and values of one block for a batch of sequences, in whatever precision the cache keeps them. */
export interface LayerCache {
  /**
   * Present: keys are appended after a Walsh–Hadamard transform of every so many consecutive features, and queries are
   * turned alike, which leaves their products as they are (R3 of SpinQuant).
   */
  readonly keyRotation?: number;
  /** Adds keys and values [sequences · n, keyValueHeads · headSize] after those that are there. */
  append(keys: Tensor, values: Tensor): void;
  /** All positions so far as f32: [sequences · keyStride, keyValueHeads · headSize]; valid until the next append. */
  read(): CachedKeysValues;
}

export interface CachedKeysValues {
  readonly keys: Float32Array;
  readonly values: Float32Array;
  /** Positions held, per sequence. */
  readonly keyLength: number;
  readonly keyStride: number;
}

/**
 * The layers that the forward pass is written over. `ComputeOps` just computes; `RecordingOps` also records what the
 * backward pass needs. Every method returns a new tensor.
 */
export interface ForwardOps {
  /** Token vectors, plus position vectors where the model has a table of them. */
  embed(embedding: Embedding, tokens: Uint32Array, positions: Uint32Array): Tensor;
  /** `x · Wᵀ + bias`. */
  linear(layer: LinearLayer, x: Tensor): Tensor;
  /** Rows as long as the norm's weight; longer rows are normed span by span (heads). */
  norm(layer: NormLayer, x: Tensor): Tensor;
  /** The parts of a fused projection: `widths` adds up to the columns; "by-head" takes `heads` spans of each width in turn. */
  splitColumns(x: Tensor, widths: readonly number[], heads: number): readonly Tensor[];
  rotate(x: Tensor, tables: RotaryTables, positions: Uint32Array): Tensor;
  attention(query: Tensor, key: Tensor, value: Tensor, context: AttentionContext): Tensor;
  activation(kind: ActivationKind, x: Tensor): Tensor;
  gatedActivation(kind: ActivationKind, gate: Tensor, up: Tensor): Tensor;
  add(a: Tensor, b: Tensor): Tensor;
  /** Runs `body`; tensors made in it, other than its result, are freed as soon as nothing needs them any more. */
  scope(body: () => Tensor): Tensor;
}
