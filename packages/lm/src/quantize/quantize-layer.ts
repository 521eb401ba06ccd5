import type { KernelBackend } from "@lowbit/core/backend";
import type { LayerStatistics } from "@lowbit/core/quantizers";
import { decodeRows } from "../forward/linear.js";
import type { LinearLayer } from "../model/layers.js";
import type { LayerChoice } from "./layer-choice.js";
import { type LayerFigures, quantizeWeight } from "./quantize-weight.js";

/** A layer that was quantized. */
export interface QuantizedLinear {
  /** The layer with other terms and transforms, in memory of its own. */
  readonly layer: LinearLayer;
  readonly figures: LayerFigures;
}

/**
 * Quantizes one linear layer. Pure: the layer and its statistics stay as they are, and the same arguments give the same
 * bytes, for every number of threads.
 * @param statistics of the inputs of this layer, and of its gradients: what the method needs. With a Hessian the error of
 * the layer's outputs is measured as well.
 * @throws `quantize/…`, `pipeline/scale-overflow`, naming the layer
 */
export function quantizeLayer(
  layer: LinearLayer,
  choice: LayerChoice,
  statistics: LayerStatistics | undefined,
  backend: KernelBackend,
): QuantizedLinear {
  const { name, rows, columns, isTransposed } = layer;
  const values = new Float32Array(rows * columns);
  decodeRows(layer, 0, rows, values, backend);
  const original = { name, weights: { values, rows, columns }, ...(statistics !== undefined && { statistics }) };
  const { terms, inputTransforms, figures } = quantizeWeight(original, choice, backend, isTransposed);
  return { layer: { ...layer, terms, inputTransforms }, figures };
}

/** Quantizes those of a block's layers that have a choice, one after the other. */
export function quantizeBlock(
  layers: readonly LinearLayer[],
  choices: ReadonlyMap<string, LayerChoice>,
  statistics: ReadonlyMap<string, LayerStatistics>,
  backend: KernelBackend,
): readonly QuantizedLinear[] {
  return layers.flatMap((layer) => {
    const choice = choices.get(layer.name);
    return choice === undefined ? [] : [quantizeLayer(layer, choice, statistics.get(layer.name), backend)];
  });
}
