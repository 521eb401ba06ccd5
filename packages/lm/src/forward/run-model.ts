import type { RotaryTables } from "@lowbit/core/backend";
import type { LanguageModel } from "../model/language-model.js";
import type { ComputeOps } from "./compute-ops.js";
import type { ForwardOps, LayerCache } from "./forward-ops.js";
import { rotaryRows, rotaryTables } from "./rotary-tables.js";
import { type PassContext, runBlock } from "./run-block.js";
import type { Tensor } from "./tensor.js";
import { type TokenBatch, tokenPositions } from "./token-batch.js";

/**
 * What a batch needs besides its tokens. Of the angles (those of all positions that the caller will need, made once) blocks
 * get only the batch's own: WASM copies what it is given at every call.
 */
export function passContext(
  model: Pick<LanguageModel, "config">,
  batch: TokenBatch,
  angles: RotaryTables | undefined = rotaryTables(model.config, batch.firstPosition + batch.length),
  caches?: readonly LayerCache[],
): PassContext {
  const { firstPosition, length } = batch;
  const rotary = angles && {
    tables: rotaryRows(angles, firstPosition, firstPosition + length),
    rows: tokenPositions({ ...batch, firstPosition: 0 }),
  };
  return {
    config: model.config,
    sequences: batch.sequences,
    positions: tokenPositions(batch),
    ...(rotary !== undefined && { rotary }),
    ...(caches !== undefined && { caches }),
  };
}

/** The residual stream after the last block, [tokens, hidden]; release it. */
export function runBlocks(ops: ComputeOps, model: LanguageModel, batch: TokenBatch, context: PassContext): Tensor {
  let x = ops.scope(() => ops.embed(model.embedding, batch.tokens, context.positions));
  for (const block of model.blocks) {
    const next = runBlock(ops, block, x, context);
    ops.release(x);
    x = next;
  }
  return x;
}

/** Logits [tokens, vocabulary] of rows of the residual stream; release them. */
export function runHead(ops: ForwardOps, model: Pick<LanguageModel, "head">, x: Tensor): Tensor {
  return ops.scope(() => ops.linear(model.head.output, ops.norm(model.head.norm, x)));
}
