import type { KernelBackend } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { multiplyLinear } from "../forward/linear.js";
import type { Tensor } from "../forward/tensor.js";
import { TensorPool } from "../forward/tensor-pool.js";
import type { LanguageModel } from "../model/language-model.js";
import { blockLinears, type LinearLayer } from "../model/layers.js";
import { defaultBatchTokens, logitRows } from "./batch-size.js";
import type { EvaluationOptions } from "./evaluation-options.js";
import { evaluationPause, windowBatches } from "./walk-windows.js";
import { planWindows } from "./window-plan.js";
import { copyRows, WindowRunner } from "./window-runner.js";

/** ‖y′ − y‖² / ‖y‖² over all tokens; y is the original's output, y′ the model's on the same input. */
export interface OutputError {
  readonly name: string;
  readonly relativeError: number;
}

export interface LayerErrors {
  /** Linear layers in the order of the forward pass, the head last. */
  readonly layers: readonly OutputError[];
  readonly blocks: readonly OutputError[];
  /** Tokens that went through the layers. */
  readonly tokens: number;
}

class ErrorSum {
  #difference = 0;
  #original = 0;

  add(original: Float32Array, found: Float32Array): void {
    let [difference, power] = [0, 0];
    for (let i = 0; i < original.length; i++) {
      const y = original[i]!;
      difference += (found[i]! - y) ** 2;
      power += y * y;
    }
    this.#difference += difference;
    this.#original += power;
  }

  /** 0 where both are zero. */
  get relative(): number {
    return this.#difference === 0 ? 0 : this.#difference / this.#original;
  }
}

/**
 * The error that each linear layer and each block of `model` adds by itself: every one gets the inputs that it has in the
 * original model, so errors of earlier layers play no part.
 * @throws `evaluate/different-layers` and what `planWindows` throws, `evaluate/aborted`
 */
export async function measureLayerErrors(
  model: LanguageModel,
  original: LanguageModel,
  backend: KernelBackend,
  tokens: Uint32Array,
  options: EvaluationOptions = {},
): Promise<LayerErrors> {
  const others = matchingLayers(model, original);
  const plan = planWindows(tokens, original.config, options);
  const batchTokens = options.batchTokens ?? defaultBatchTokens(original.config);
  const pool = new TensorPool(backend);
  const quantized = new WindowRunner(model, backend, pool, plan.length, { ...options, batchTokens });
  const linear = { backend, pool, ...quantized.rounding };
  const layerSums = new Map([...others.keys()].map((name) => [name, new ErrorSum()]));
  const blockSums = original.blocks.map(() => new ErrorSum());
  const onLinear = (layer: LinearLayer, x: Tensor, y: Tensor): void => {
    const found = pool.allocate(y.rows, y.columns);
    multiplyLinear(others.get(layer.name)!, x, found, linear);
    layerSums.get(layer.name)!.add(y.values, found.values);
    pool.giveBack(found.buffer);
  };
  const runner = new WindowRunner(original, backend, pool, plan.length, { batchTokens, onLinear });
  const { ops } = runner;
  const pause = evaluationPause(options.signal);
  const totalTokens = plan.protocol.windows * plan.length;
  let doneTokens = 0;
  try {
    for (const batch of windowBatches(plan, batchTokens)) {
      let x = runner.embed(batch);
      for (const block of original.blocks) {
        await pause();
        const y = runner.block(block, x, batch);
        const found = quantized.block(model.blocks[block.index]!, x, batch);
        blockSums[block.index]!.add(y.values, found.values);
        ops.release(found);
        ops.release(x);
        x = y;
      }
      const step = logitRows(original.config);
      for (let begin = 0; begin < x.rows; begin += step) {
        await pause();
        const rows = copyRows(ops, x, begin, Math.min(step, x.rows - begin));
        ops.release(runner.head(rows));
        ops.release(rows);
      }
      ops.release(x);
      doneTokens += batch.inputs.length;
      options.onProgress?.({ doneTokens, totalTokens });
    }
  } finally {
    runner.release();
    quantized.release();
    pool.trim();
  }
  return {
    layers: [...layerSums].map(([name, sum]) => ({ name, relativeError: sum.relative })),
    blocks: blockSums.map((sum, index) => ({ name: String(index), relativeError: sum.relative })),
    tokens: totalTokens,
  };
}

/** The model's layer for the name of every layer of the original. */
function matchingLayers(model: LanguageModel, original: LanguageModel): ReadonlyMap<string, LinearLayer> {
  const found = new Map(allLinears(model).map((layer) => [layer.name, layer]));
  const wanted = allLinears(original);
  for (const { name, inFeatures, outFeatures } of wanted) {
    const layer = found.get(name);
    if (layer?.inFeatures === inFeatures && layer.outFeatures === outFeatures) continue;
    const size = layer === undefined ? "is missing" : `is ${layer.outFeatures}×${layer.inFeatures}`;
    throw new LowbitError(
      "evaluate/different-layers",
      `${name} ${size} in ${model.name}; in ${original.name} it is ${outFeatures}×${inFeatures}.`,
      { layer: name, model: model.name, original: original.name },
    );
  }
  return new Map(wanted.map(({ name }) => [name, found.get(name)!]));
}

function allLinears({ blocks, head }: LanguageModel): readonly LinearLayer[] {
  return [...blocks.flatMap(blockLinears), head.output];
}
