import type { KernelBackend } from "@lowbit/core/backend";
import { type ActivationBits, activationRounding } from "../forward/activation-precision.js";
import { TensorPool } from "../forward/tensor-pool.js";
import type { LanguageModel, ModelSource } from "../model/language-model.js";
import { partAccess } from "../model/part-access.js";
import { GradientPass } from "./gradient-pass.js";
import type { GradientVisitor } from "./gradient-visitor.js";
import type { ScoredBatch } from "./scored-batch.js";

export interface WeightGradientOptions {
  /** `linear`, the default: the matrices of the blocks' linear layers. `all`: also biases, norms, tables and the head. */
  readonly parameters?: "linear" | "all";
  /** Rounds activations as in the forward pass, gradients straight through; absent: as the model was trained. */
  readonly activationBits?: ActivationBits;
  /** Memory for activations, to be shared by several calls; absent: one for this call. */
  readonly pool?: TensorPool;
  /** Rows of logits that are computed at a time; absent: as many as fit 16 MiB. */
  readonly headRows?: number;
}

/**
 * Gradients of the next-token loss (mean negative log-likelihood in nats over the tokens that count) by the weights.
 *
 * Block by block: the forward pass keeps only what goes into every block (tokens × hidden f32 a block, in ordinary
 * memory); then each block, from the last to the first, runs again from there, recorded, and its backward pass hands
 * every gradient to `visit` as soon as it is complete. So beside these inputs the memory is that of one block's
 * activations and one layer's gradient; with `all` the gradients of head and tables are held in full as well. Blocks
 * of a `ModelSource` are loaded twice, one at a time. Gradients of matrices are by the weight that acts on plain
 * activations, input transforms folded in.
 *
 * @returns the loss
 * @throws `gradient/invalid-batch`, `gradient/non-finite-loss`
 */
export async function weightGradients(
  model: LanguageModel | ModelSource,
  backend: KernelBackend,
  batch: ScoredBatch,
  visit: GradientVisitor,
  options: WeightGradientOptions = {},
): Promise<number> {
  const { pool = new TensorPool(backend), parameters = "linear", headRows } = options;
  const parts = partAccess(model);
  const pass = new GradientPass(parts, backend, pool, batch, visit, {
    wantsAll: parameters === "all",
    rounding: activationRounding(parts.config, options.activationBits),
    ...(headRows !== undefined && { headRows }),
  });
  try {
    await pass.runForward();
    const loss = await pass.runHead();
    await pass.runBlocksBack();
    await pass.runTablesBack();
    return loss;
  } finally {
    pass.clear();
    if (options.pool === undefined) pool.trim();
  }
}
