import type { RotaryTables } from "@lowbit/core/backend";
import type { DecoderConfig } from "../model/decoder-config.js";
import type { AttentionLayers, Block, FeedForwardLayers } from "../model/layers.js";
import type { AttentionContext, ForwardOps, LayerCache } from "./forward-ops.js";
import type { Tensor } from "./tensor.js";

/** What all blocks of a pass share. */
export interface PassContext {
  readonly config: DecoderConfig;
  readonly sequences: number;
  /** Position of every row. */
  readonly positions: Uint32Array;
  /** Angles of the batch's positions, and which row each token has. Absent where positions are learned. */
  readonly rotary?: { readonly tables: RotaryTables; readonly rows: Uint32Array };
  /** One for each block; absent: queries see the keys of the same batch only. */
  readonly caches?: readonly LayerCache[];
}

/**
 * One block:
 *
 *     sequential:  h = x + attention(norm(x));  y = h + feedForward(norm(h))
 *     parallel:    y = x + attention(norm(x)) + feedForward(norm'(x))
 */
export function runBlock(ops: ForwardOps, block: Block, x: Tensor, context: PassContext): Tensor {
  return ops.scope(() => {
    const attended = ops.scope(() =>
      runAttention(ops, block.attention, ops.norm(block.attentionNorm, x), block.index, context),
    );
    const h = ops.add(x, attended);
    const fed = ops.scope(() =>
      runFeedForward(
        ops,
        block.feedForward,
        ops.norm(block.feedForwardNorm, context.config.isParallel ? x : h),
        context,
      ),
    );
    return ops.add(h, fed);
  });
}

function runAttention(ops: ForwardOps, layers: AttentionLayers, x: Tensor, index: number, pass: PassContext): Tensor {
  const { config, rotary, sequences, caches } = pass;
  let [query, key, value] = projections(ops, layers, x, config);
  if (layers.queryNorm !== undefined) query = ops.norm(layers.queryNorm, query);
  if (layers.keyNorm !== undefined) key = ops.norm(layers.keyNorm, key);
  if (rotary !== undefined) {
    query = ops.rotate(query, rotary.tables, rotary.rows);
    key = ops.rotate(key, rotary.tables, rotary.rows);
  }
  const cache = caches?.[index];
  const context: AttentionContext = {
    sequences,
    headCount: config.headCount,
    keyValueHeadCount: config.keyValueHeadCount,
    headSize: config.headSize,
    scale: config.attentionScale,
    window: config.slidingWindows[index]!,
    ...(cache !== undefined && { cache }),
  };
  let joined = ops.attention(query, key, value, context);
  if (layers.outputNorm !== undefined) joined = ops.norm(layers.outputNorm, joined);
  return ops.linear(layers.output, joined);
}

function projections(
  ops: ForwardOps,
  { input }: AttentionLayers,
  x: Tensor,
  { headCount, keyValueHeadCount, headSize }: DecoderConfig,
): [Tensor, Tensor, Tensor] {
  if (input.kind === "separate") {
    return [ops.linear(input.query, x), ops.linear(input.key, x), ops.linear(input.value, x)];
  }
  const fused = ops.linear(input.layer, x);
  const parts =
    input.order === "by-head"
      ? ops.splitColumns(fused, [headSize, headSize, headSize], headCount)
      : ops.splitColumns(fused, [headCount * headSize, keyValueHeadCount * headSize, keyValueHeadCount * headSize], 1);
  return parts as [Tensor, Tensor, Tensor];
}

function runFeedForward(ops: ForwardOps, layers: FeedForwardLayers, x: Tensor, { config }: PassContext): Tensor {
  const { activation } = config.feedForward;
  const up = ops.linear(layers.up, x);
  let inner =
    layers.gate === undefined
      ? ops.activation(activation, up)
      : ops.gatedActivation(activation, ops.linear(layers.gate, x), up);
  if (layers.downNorm !== undefined) inner = ops.norm(layers.downNorm, inner);
  return ops.linear(layers.down, inner);
}
