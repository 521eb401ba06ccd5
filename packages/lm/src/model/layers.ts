import type { InputTransform, Term } from "@lowbit/core/terms";

/**
 * A matrix as a sum of terms, quantized or not: plain weights are one dense term in their storage dtype (dtypes that no
 * dense term holds are decoded to F32 on load).
 */
export interface WeightMatrix {
  /** Name of the weight in the checkpoint: "model.layers.0.self_attn.q_proj.weight". */
  readonly name: string;
  /** Rows and columns as stored: [outFeatures, inFeatures] unless the layer `isTransposed`. */
  readonly rows: number;
  readonly columns: number;
  readonly terms: readonly Term[];
  /** Applied to x before the terms. */
  readonly inputTransforms: readonly InputTransform[];
}

/** `y = W · x + bias`. */
export interface LinearLayer extends WeightMatrix {
  readonly outFeatures: number;
  readonly inFeatures: number;
  /** The matrix is stored [inFeatures, outFeatures] (GPT-2's Conv1D): y = Wᵀ · x. */
  readonly isTransposed: boolean;
  /** Its activations are rounded to few bits when the model or the run asks for that; not so for the head. */
  readonly roundsActivations: boolean;
  /** [outFeatures] */
  readonly bias?: NamedVector;
}

export interface NamedVector {
  /** Name in the checkpoint. */
  readonly name: string;
  readonly values: Float32Array;
}

export interface NormLayer {
  readonly kind: "rms" | "layer";
  readonly epsilon: number;
  /** [columns]; a norm of heads has headSize columns and is applied to every head. */
  readonly weight: NamedVector;
  readonly bias?: NamedVector;
}

/** One matrix for queries, keys and values. */
export interface FusedProjection {
  readonly kind: "fused";
  readonly layer: LinearLayer;
  /** Order of its output features: all queries, all keys, all values; or query, key, value of head 0, of head 1, … */
  readonly order: "by-part" | "by-head";
}

export interface SeparateProjections {
  readonly kind: "separate";
  readonly query: LinearLayer;
  readonly key: LinearLayer;
  readonly value: LinearLayer;
}

export interface AttentionLayers {
  readonly input: FusedProjection | SeparateProjections;
  /** Norms of every query and key head before rotation (Qwen3). */
  readonly queryNorm?: NormLayer;
  readonly keyNorm?: NormLayer;
  /** Norm of the heads' joined output before `output` (BitNet). */
  readonly outputNorm?: NormLayer;
  readonly output: LinearLayer;
}

export interface FeedForwardLayers {
  /** Present when gated. */
  readonly gate?: LinearLayer;
  readonly up: LinearLayer;
  /** Norm before `down` (BitNet). */
  readonly downNorm?: NormLayer;
  readonly down: LinearLayer;
}

/** One block (layer) of the decoder. */
export interface Block {
  readonly index: number;
  readonly attentionNorm: NormLayer;
  readonly attention: AttentionLayers;
  readonly feedForwardNorm: NormLayer;
  readonly feedForward: FeedForwardLayers;
}

export interface Embedding {
  readonly tokens: WeightMatrix;
  /** [positions, hidden] (GPT-2). */
  readonly positions?: WeightMatrix;
}

/** Final norm and output matrix; a tied head is the token embedding's matrix. */
export interface Head {
  readonly norm: NormLayer;
  readonly output: LinearLayer;
}

/** Linear layers of a block in the order in which the forward pass uses them. */
export function blockLinears({ attention, feedForward }: Block): readonly LinearLayer[] {
  const { input } = attention;
  const first = input.kind === "fused" ? [input.layer] : [input.query, input.key, input.value];
  const gate = feedForward.gate === undefined ? [] : [feedForward.gate];
  return [...first, attention.output, ...gate, feedForward.up, feedForward.down];
}
