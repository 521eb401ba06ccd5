import type { RowBlock } from "../../tensor/row-block.js";
import type { ScaleDtype } from "../../terms/term.js";

/**
 * Non-linearity of a feed-forward layer: `silu` x·σ(x); `gelu` with the error function; `gelu-tanh` its approximation
 * 0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))); `relu` max(x, 0); `relu2` max(x, 0)².
 */
export type ActivationKind = "silu" | "gelu" | "gelu-tanh" | "relu" | "relu2";

/** Angles of rotary embeddings, one row a position: cos and sin of `position · frequency[i]`, times the attention factor. */
export interface RotaryTables {
  /** [positions, rotarySize / 2]. */
  readonly cosines: Float32Array;
  /** [positions, rotarySize / 2]. */
  readonly sines: Float32Array;
  readonly positions: number;
  /** Features of a head. */
  readonly headSize: number;
  /** How many of them rotate, from the first on; even. */
  readonly rotarySize: number;
}

/**
 * Grouped-query attention over `sequences` sequences of equal length. Queries are the last `queryLength` of `keyLength`
 * positions: query i of a sequence stands at `keyLength − queryLength + i` and sees the keys at positions up to its own,
 * with `window` > 0 only the last `window` of these.
 */
export interface AttentionShape {
  readonly sequences: number;
  readonly queryLength: number;
  readonly keyLength: number;
  /** Rows from the keys of one sequence to those of the next, at least `keyLength` (a cache has room for more). */
  readonly keyStride: number;
  readonly headCount: number;
  /** Divides `headCount`; query head h reads key head floor(h · keyValueHeadCount / headCount). */
  readonly keyValueHeadCount: number;
  readonly headSize: number;
  /** Factor of the scores, usually 1 / √headSize. */
  readonly scale: number;
  /** 0: none. */
  readonly window: number;
}

/** Per row; see `LayerOps.divergence`. */
export interface Divergence {
  /** KL(p ‖ q) in nats, not negative. */
  readonly divergence: Float64Array;
  /** 1 where p and q have their largest logit at the same index (the first one on a tie). */
  readonly sameTop: Uint8Array;
}

/**
 * Layers of a decoder, f32. Rows are tokens. Sums may be taken in any order and functions may differ in the last bits
 * (the conformance suite has the tolerances); no stored byte depends on them. Targets must not overlap sources unless
 * said. NaN and infinities propagate.
 */
export interface LayerOps {
  /** `y = weight ∘ x / √(mean(x²) + epsilon)`, per row. weight [columns]. y may be x. */
  rmsNorm(x: RowBlock, weight: Float32Array, epsilon: number, y: Float32Array): void;
  /** `y = weight ∘ (x − mean(x)) / √(variance(x) + epsilon) + bias`, per row, population variance; bias null: 0. y may be x. */
  layerNorm(x: RowBlock, weight: Float32Array, bias: Float32Array | null, epsilon: number, y: Float32Array): void;
  /**
   * Rotary position embedding, in place, of every head of x [tokens, heads · headSize]: with h = rotarySize / 2, features
   * i < h and i + h of a head turn by the angle of `positions[token]` (the "halves" convention): a ← a·cos − b·sin,
   * b ← b·cos + a·sin. `inverse` turns back (the gradient).
   */
  rotaryEmbedding(x: RowBlock, tables: RotaryTables, positions: Uint32Array, inverse: boolean): void;
  /**
   * `y = softmax(scale · q·kᵀ, causal) · v` per head. q, y [sequences · queryLength, headCount · headSize]; keys, values
   * [sequences · keyStride, keyValueHeadCount · headSize] (the last sequence may end at keyLength). No score matrix is kept.
   */
  attention(q: Float32Array, keys: Float32Array, values: Float32Array, shape: AttentionShape, y: Float32Array): void;
  /** `y = f(x)`; y may be x. */
  activation(kind: ActivationKind, x: Float32Array, y: Float32Array): void;
  /** `y = f(gate) ∘ up`; y may be gate or up. */
  gatedActivation(kind: ActivationKind, gate: Float32Array, up: Float32Array, y: Float32Array): void;
  /** `y += x`. */
  addTo(x: Float32Array, y: Float32Array): void;
  /** `y[row, ·] += bias`. */
  addBias(bias: Float32Array, y: RowBlock): void;
  /**
   * Row `rows[i]` of the table [any, target.columns], decoded, into row i of target. @throws `backend/operand-size` for a
   * row beyond the table.
   */
  gatherRows(dtype: ScaleDtype, table: Uint8Array, rows: Uint32Array, target: RowBlock): void;
  /**
   * `losses[row] = log Σ exp(logits[row, ·]) − logits[row, targets[row]]`: the negative log-likelihood in nats, in f64 from
   * the largest logit on. @throws `backend/operand-size` for a target beyond the columns.
   */
  crossEntropy(logits: RowBlock, targets: Uint32Array, losses: Float64Array): void;
  /** KL(softmax(p) ‖ softmax(q)) per row, in f64, and whether both agree on the top. p and q have equal sizes. */
  divergence(p: RowBlock, q: RowBlock, target: Divergence): void;
}
