import type { ActivationKind } from "@lowbit/core/backend";

/** Rotary position embedding: feature pair i of a head turns by `position · frequency[i]`. */
export interface RotaryPositions {
  readonly kind: "rotary";
  /** Radians a position, [rotarySize / 2], scaling included. */
  readonly frequencies: readonly number[];
  /** Factor of both cos and sin (YaRN); 1 otherwise. */
  readonly attentionFactor: number;
}

/** A table of position vectors that is added to the token embedding (GPT-2). */
export interface LearnedPositions {
  readonly kind: "learned";
}

export interface NormConfig {
  readonly kind: "rms" | "layer";
  readonly epsilon: number;
}

export interface FeedForwardConfig {
  /** `down(f(gate(x)) ∘ up(x))`, or `down(f(up(x)))`. */
  readonly isGated: boolean;
  readonly activation: ActivationKind;
  readonly size: number;
}

/** Activations that a model was trained with: quantized per token before its linear layers (BitNet). */
export interface ActivationConfig {
  readonly bits: 8;
}

/** What the forward pass must know about a decoder; each architecture derives it from its config.json. */
export interface DecoderConfig {
  /** `model_type` of config.json. */
  readonly architecture: string;
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly blockCount: number;
  readonly headCount: number;
  readonly keyValueHeadCount: number;
  readonly headSize: number;
  readonly feedForward: FeedForwardConfig;
  readonly norm: NormConfig;
  readonly positions: RotaryPositions | LearnedPositions;
  /** Most positions that the model was made for (`max_position_embeddings`). */
  readonly contextLength: number;
  /** Factor of attention scores, usually 1 / √headSize. */
  readonly attentionScale: number;
  /** Per block: how many last positions a query sees; 0: all. */
  readonly slidingWindows: readonly number[];
  /** Attention and feed-forward read the same residual and are added to it together (GPT-NeoX). */
  readonly isParallel: boolean;
  readonly isTied: boolean;
  /** Present: linear layers (not the head) get activations rounded to so many bits per token. */
  readonly activations?: ActivationConfig;
  /** Special ids of config.json or generation_config.json; absent: none. */
  readonly beginToken?: number;
  readonly endTokens: readonly number[];
}
