import type { KernelBackend } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { TensorPool } from "../forward/tensor-pool.js";
import type { LanguageModel } from "../model/language-model.js";
import { defaultBatchTokens } from "./batch-size.js";
import { type Estimate, exponential, quantile, WindowMean } from "./estimate.js";
import type { Evaluation } from "./evaluate-tokens.js";
import type { EvaluationOptions } from "./evaluation-options.js";
import { scoreWindows } from "./score-windows.js";
import { planWindows } from "./window-plan.js";
import { WindowRunner } from "./window-runner.js";

/** KL(original ‖ model) of the next-token distributions, nats a token. */
export interface DivergenceSummary extends Estimate {
  readonly median: number;
  readonly percentile90: number;
  readonly percentile99: number;
  readonly maximum: number;
}

export interface ModelComparison {
  readonly model: Evaluation;
  readonly original: Evaluation;
  readonly divergence: DivergenceSummary;
  /** Share of tokens where both models find the same token likeliest. */
  readonly sameTop: Estimate;
  /** nll(model) − nll(original); the error is that of the paired differences. */
  readonly nllDifference: Estimate;
  /** perplexity(model) / perplexity(original) */
  readonly perplexityRatio: Estimate;
}

/**
 * What a quantized model lost: both models stream over the same windows, and no logits are kept. Activation bits and cache
 * precision are those of `model`; the original runs as it was trained.
 * @throws `evaluate/different-vocabulary` and what `evaluateTokens` throws
 */
export async function compareModels(
  model: LanguageModel,
  original: LanguageModel,
  backend: KernelBackend,
  tokens: Uint32Array,
  options: EvaluationOptions = {},
): Promise<ModelComparison> {
  checkVocabulary(model, original);
  const context = Math.min(model.config.contextLength, original.config.contextLength);
  const plan = planWindows(tokens, { ...model.config, contextLength: context }, options);
  // Both streams are in memory at once.
  const batchTokens =
    options.batchTokens ?? Math.min(defaultBatchTokens(model.config), defaultBatchTokens(original.config));
  const pool = new TensorPool(backend);
  const runners = [
    new WindowRunner(model, backend, pool, plan.length, { ...options, batchTokens }),
    new WindowRunner(original, backend, pool, plan.length, { batchTokens }),
  ];
  const [own, others, differences, divergences, sameTops] = Array.from({ length: 5 }, () => new WindowMean());
  const all = new Float64Array(plan.protocol.scoredTokens);
  let done = 0;
  try {
    await scoreWindows(runners, plan, { ...options, batchTokens }, ({ count, windows, logits, losses: [a, b] }) => {
      const found = { divergence: new Float64Array(count), sameTop: new Uint8Array(count) };
      backend.divergence(logits[1]!, logits[0]!, found);
      all.set(found.divergence, done);
      done += count;
      for (let row = 0; row < count; row++) {
        const window = windows[row]!;
        own!.add(window, a![row]!);
        others!.add(window, b![row]!);
        differences!.add(window, a![row]! - b![row]!);
        divergences!.add(window, found.divergence[row]!);
        sameTops!.add(window, found.sameTop[row]!);
      }
    });
  } finally {
    for (const runner of runners) runner.release();
    pool.trim();
  }
  const { protocol } = plan;
  const evaluation = (nll: Estimate): Evaluation => ({ protocol, nll, perplexity: exponential(nll) });
  const sorted = all.sort();
  return {
    model: evaluation(own!.estimate()),
    original: evaluation(others!.estimate()),
    divergence: {
      ...divergences!.estimate(),
      median: quantile(sorted, 0.5),
      percentile90: quantile(sorted, 0.9),
      percentile99: quantile(sorted, 0.99),
      maximum: sorted.at(-1)!,
    },
    sameTop: sameTops!.estimate(),
    nllDifference: differences!.estimate(),
    perplexityRatio: exponential(differences!.estimate()),
  };
}

function checkVocabulary(model: LanguageModel, original: LanguageModel): void {
  const [found, expected] = [model.config.vocabularySize, original.config.vocabularySize];
  if (found === expected) return;
  throw new LowbitError(
    "evaluate/different-vocabulary",
    `${model.name} has a vocabulary of ${found} tokens, ${original.name} one of ${expected}.`,
    { model: model.name, found, original: original.name, expected },
  );
}
