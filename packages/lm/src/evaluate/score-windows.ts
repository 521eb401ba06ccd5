import type { Tensor } from "../forward/tensor.js";
import { logitRows } from "./batch-size.js";
import type { RunOptions } from "./evaluation-options.js";
import { notFiniteError } from "./find-not-finite.js";
import { evaluationPause, type WalkedBatch, windowBatches } from "./walk-windows.js";
import type { WindowPlan } from "./window-plan.js";
import type { WindowRunner } from "./window-runner.js";

/** Scored tokens that were computed together, by one or more models. */
export interface ScoredRows {
  readonly count: number;
  /** Index of the window of each row. */
  readonly windows: Uint32Array;
  /** Of each model: logits [rows, vocabulary]; only valid during the call. */
  readonly logits: readonly Tensor[];
  /** Of each model: negative log-likelihood of each token in nats. */
  readonly losses: readonly Float64Array[];
}

/**
 * Runs the same windows through all models and shows the logits of every scored token, a few rows at a time; memory is one
 * batch of activations per model and one chunk of logits each.
 * @throws `evaluate/non-finite`, `evaluate/aborted`
 */
export async function scoreWindows(
  runners: readonly WindowRunner[],
  plan: WindowPlan,
  options: Pick<RunOptions, "signal" | "onProgress"> & { readonly batchTokens: number },
  visit: (rows: ScoredRows) => void,
): Promise<void> {
  const pause = evaluationPause(options.signal);
  const totalTokens = plan.protocol.scoredTokens;
  let doneTokens = 0;
  let lossSum = 0;
  for (const batch of windowBatches(plan, options.batchTokens)) {
    const streams: Tensor[] = [];
    for (const runner of runners) {
      let x = runner.embed(batch);
      for (const block of runner.model.blocks) {
        await pause();
        const next = runner.block(block, x, batch);
        runner.ops.release(x);
        x = next;
      }
      streams.push(x);
    }
    const chosen = scoredRows(batch);
    const step = logitRows(runners[0]!.model.config);
    for (let begin = 0; begin < chosen.length; begin += step) {
      await pause();
      const rows = chosen.slice(begin, begin + step);
      const scored = scoreRows(runners, streams, batch, rows, plan);
      visit(scored);
      scored.logits.forEach((logits, i) => {
        runners[i]!.ops.release(logits);
      });
      doneTokens += rows.length;
      lossSum += scored.losses[0]!.reduce((sum, loss) => sum + loss, 0);
    }
    streams.forEach((x, i) => {
      runners[i]!.ops.release(x);
    });
    options.onProgress?.({ doneTokens, totalTokens, nll: lossSum / doneTokens });
  }
}

/** Rows of a batch whose target is scored. */
function scoredRows({ windows, length }: WalkedBatch): number[] {
  return windows.flatMap(({ firstScored }, i) =>
    Array.from({ length: length - firstScored }, (_, row) => i * length + firstScored + row),
  );
}

function scoreRows(
  runners: readonly WindowRunner[],
  streams: readonly Tensor[],
  { windows, length }: WalkedBatch,
  rows: readonly number[],
  plan: WindowPlan,
): ScoredRows {
  const targets = Uint32Array.from(rows, (row) => windows[Math.floor(row / length)]!.targets[row % length]!);
  const windowOfRow = Uint32Array.from(rows, (row) => windows[Math.floor(row / length)]!.index);
  const logits = runners.map((runner, i) => {
    const x = streams[i]!;
    const gathered = runner.ops.make(rows.length, x.columns);
    const [from, to] = [x.values, gathered.values];
    rows.forEach((row, place) => {
      to.set(from.subarray(row * x.columns, (row + 1) * x.columns), place * x.columns);
    });
    const result = runner.head(gathered);
    runner.ops.release(gathered);
    return result;
  });
  const losses = runners.map((runner, i) => {
    const found = new Float64Array(rows.length);
    runner.ops.backend.crossEntropy(logits[i]!, targets, found);
    const bad = found.findIndex((loss) => !Number.isFinite(loss));
    if (bad >= 0) throw notFiniteError(runner, plan.window(windowOfRow[bad]!));
    return found;
  });
  return { count: rows.length, windows: windowOfRow, logits, losses };
}
