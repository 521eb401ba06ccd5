import type { KernelBackend } from "@lowbit/core/backend";
import type { LanguageModel } from "../model/language-model.js";
import { activationRounding } from "./activation-precision.js";
import { ComputeOps } from "./compute-ops.js";
import { passContext, runBlocks, runHead } from "./run-model.js";

/** Logits [ids, vocabulary] of one sequence, activations rounded where the model was trained so. */
export function sequenceLogits(model: LanguageModel, backend: KernelBackend, ids: readonly number[]): Float32Array {
  return logitsBy(new ComputeOps(backend, activationRounding(model.config)), model, ids);
}

/** The same with operations of one's own. */
export function logitsBy(ops: ComputeOps, model: LanguageModel, ids: readonly number[]): Float32Array {
  const batch = { tokens: Uint32Array.from(ids), sequences: 1, length: ids.length, firstPosition: 0 };
  const x = runBlocks(ops, model, batch, passContext(model, batch));
  const logits = runHead(ops, model, x);
  const copy = logits.values.slice();
  ops.release(logits);
  ops.release(x);
  ops.pool.trim();
  return copy;
}

/** Logits after the last token. */
export function lastLogits(model: LanguageModel, backend: KernelBackend, ids: readonly number[]): Float32Array {
  return sequenceLogits(model, backend, ids).slice(-model.config.vocabularySize);
}
