import type { KernelBackend } from "@lowbit/core/backend";
import { TensorPool } from "../forward/tensor-pool.js";
import type { LanguageModel } from "../model/language-model.js";
import { defaultBatchTokens } from "./batch-size.js";
import { type Estimate, exponential, WindowMean } from "./estimate.js";
import type { EvaluationOptions } from "./evaluation-options.js";
import { scoreWindows } from "./score-windows.js";
import { type Protocol, planWindows } from "./window-plan.js";
import { WindowRunner } from "./window-runner.js";

export interface Evaluation {
  readonly protocol: Protocol;
  /** Mean negative log-likelihood of a token, nats. */
  readonly nll: Estimate;
  /** exp(nll) */
  readonly perplexity: Estimate;
}

/**
 * The perplexity of a model on a text.
 * @param tokens ids of the text, without a begin token
 * @throws what `planWindows` throws, `evaluate/non-finite`, `evaluate/aborted`
 */
export async function evaluateTokens(
  model: LanguageModel,
  backend: KernelBackend,
  tokens: Uint32Array,
  options: EvaluationOptions = {},
): Promise<Evaluation> {
  const plan = planWindows(tokens, model.config, options);
  const batchTokens = options.batchTokens ?? defaultBatchTokens(model.config);
  const pool = new TensorPool(backend);
  const runner = new WindowRunner(model, backend, pool, plan.length, { ...options, batchTokens });
  const losses = new WindowMean();
  try {
    await scoreWindows([runner], plan, { ...options, batchTokens }, ({ count, windows, losses: [found] }) => {
      for (let row = 0; row < count; row++) losses.add(windows[row]!, found![row]!);
    });
  } finally {
    runner.release();
    pool.trim();
  }
  const nll = losses.estimate();
  return { protocol: plan.protocol, nll, perplexity: exponential(nll) };
}
