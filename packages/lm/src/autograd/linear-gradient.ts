import { rowMajor, transposed } from "@lowbit/core/tensor";
import { undoTransforms } from "@lowbit/core/terms";
import { addProduct, multiplyByRows, transformed } from "../forward/linear.js";
import { roundActivations } from "../forward/rounded-activations.js";
import type { Tensor } from "../forward/tensor.js";
import type { LinearLayer } from "../model/layers.js";
import type { GradientContext } from "./gradient-context.js";
import { linearParameter, vectorParameter } from "./parameter-gradients.js";

/**
 * `y = x · Wᵀ + bias`: `dX += dY · W`, `dW += dYᵀ · X`, `dBias += Σ dY`. W is the weight that acts on plain x, the terms
 * with their input transform folded in (Ŵ · T): so dX goes through the adjoint of T, and dW is by the weight that a
 * quantizer is given. Rounded activations: straight through for x (the derivative of rounding counts as 1), while dW has
 * the rounded values that were multiplied, as T⁻¹ gives them back.
 */
export function linearGradient(context: GradientContext, layer: LinearLayer, x: Tensor, dy: Tensor): void {
  const { tape, backend, parameters } = context;
  const dx = tape.gradient(x);
  if (layer.isTransposed) addProduct(layer, dy, dx, context);
  else multiplyByRows(layer, dy, dx, context, true);

  const weight = linearParameter(layer);
  if (parameters.wants(weight)) addWeightGradient(context, layer, x, dy);
  if (layer.bias === undefined) return;
  const bias = vectorParameter("bias", layer.bias);
  if (parameters.wants(bias)) parameters.accept(bias, (target) => backend.addColumnSums(dy, target));
}

function addWeightGradient(context: GradientContext, layer: LinearLayer, x: Tensor, dy: Tensor): void {
  const { pool, backend, parameters } = context;
  const input = multipliedInput(context, layer, x);
  parameters.accept(linearParameter(layer), (target) => {
    const [rowSide, columnSide] = layer.isTransposed ? [input, dy] : [dy, input];
    const gradient = rowMajor(target, layer.rows, layer.columns);
    backend.matmul(transposed(rowSide.matrix()), transposed(columnSide.matrix()), gradient, true);
  });
  if (input !== x) pool.giveBack(input.buffer);
}

/** x as the product saw it, before T: x itself, or in memory of its own the rounded x. */
function multipliedInput(context: GradientContext, layer: LinearLayer, x: Tensor): Tensor {
  const { activationBits, pool, backend } = context;
  if (activationBits === undefined || !layer.roundsActivations) return x;
  const transforms = layer.isTransposed ? [] : layer.inputTransforms;
  const input = layer.isTransposed ? x : transformed(layer, x, context);
  const rounded = roundActivations(input, activationBits, context);
  const floats = rounded.asFloats();
  const result = pool.allocate(x.rows, x.columns);
  result.values.set(floats.values);
  rounded.release();
  if (input !== x) pool.giveBack(input.buffer);
  undoTransforms(transforms, result, backend);
  return result;
}
