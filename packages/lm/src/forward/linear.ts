import type { KernelBackend, MultiplyOps } from "@lowbit/core/backend";
import { rowMajor, transposed } from "@lowbit/core/tensor";
import { decodeTerms, foldTransforms, type Term, termKind, termRows, transformActivations } from "@lowbit/core/terms";
import type { LinearLayer, WeightMatrix } from "../model/layers.js";
import { type LinearContext, roundActivations } from "./rounded-activations.js";
import type { Tensor } from "./tensor.js";

export type { LinearContext } from "./rounded-activations.js";

/** Weights that are decoded at a time where a product needs them as f32. */
const DECODED_WEIGHTS = 2 ** 18;

/** `y = x · Wᵀ + bias` on the packed terms; y [tokens, outFeatures] is overwritten. */
export function multiplyLinear(layer: LinearLayer, x: Tensor, y: Tensor, context: LinearContext): void {
  if (layer.isTransposed) multiplyColumns(layer, x, y, context);
  else multiplyTerms(layer, x, y, context);
  if (layer.bias !== undefined) context.backend.addBias(layer.bias.values, y);
}

function multiplyTerms(layer: LinearLayer, x: Tensor, y: Tensor, context: LinearContext): void {
  const { backend, pool } = context;
  const bits = layer.roundsActivations ? context.activationBits : undefined;
  if (bits === undefined) {
    y.values.fill(0);
    addProduct(layer, x, y, context);
    return;
  }
  const input = transformed(layer, x, context);
  const shared = input === x ? context.roundedInputs : undefined;
  const rounded = shared?.of(x, bits, context) ?? roundActivations(input, bits, context);
  y.values.fill(0);
  for (const term of layer.terms) {
    const integerOp = termKind(term.layout).multiplyInt8Op as "affineMultiplyInt8" | undefined;
    if (integerOp === undefined) multiplyTerm(backend, term, rounded.asFloats(), y);
    else backend[integerOp](term as Parameters<MultiplyOps["affineMultiplyInt8"]>[0], rounded.activations(), y.values);
  }
  if (shared === undefined) rounded.release();
  if (input !== x) pool.giveBack(input.buffer);
}

/** `y += x · Mᵀ` in f32 on the packed terms of the matrix M as it is stored. */
export function addProduct(matrix: WeightMatrix, x: Tensor, y: Tensor, context: LinearContext): void {
  const input = transformed(matrix, x, context);
  for (const term of matrix.terms) multiplyTerm(context.backend, term, input, y);
  if (input !== x) context.pool.giveBack(input.buffer);
}

function multiplyTerm(backend: KernelBackend, term: Term, x: Tensor, y: Tensor): void {
  const op = termKind(term.layout).multiplyOp as "denseMultiply";
  const activations = { values: x.values, tokens: x.rows, columns: x.columns };
  backend[op](term as Parameters<MultiplyOps["denseMultiply"]>[0], activations, y.values);
}

/** T(x) in memory of its own, or x itself where there is nothing to apply. */
export function transformed(matrix: WeightMatrix, x: Tensor, { backend, pool }: LinearContext): Tensor {
  if (matrix.inputTransforms.length === 0) return x;
  const copy = pool.allocate(x.rows, x.columns);
  copy.values.set(x.values);
  transformActivations(matrix.inputTransforms, copy, backend);
  return copy;
}

/**
 * `y = x · M` for the matrix M [rows, columns] as it is stored, or added to y with `accumulate`: the product of transposed
 * layers, and of gradients with the weights of plain ones. Rows are decoded a few at a time.
 */
export function multiplyByRows(
  matrix: WeightMatrix,
  x: Tensor,
  y: Tensor,
  context: LinearContext,
  accumulate = false,
): void {
  const { backend } = context;
  eachDecodedRows(matrix, context, (begin, rows, decoded) => {
    const span = { ...x.matrix(), values: x.values.subarray(begin), columns: rows };
    backend.matmul(span, transposed(rowMajor(decoded, rows, matrix.columns)), y.matrix(), accumulate || begin > 0);
  });
}

/** Transposed layers: activations are rounded as elsewhere, the product is f32. */
function multiplyColumns(layer: LinearLayer, x: Tensor, y: Tensor, context: LinearContext): void {
  if (context.activationBits === undefined || !layer.roundsActivations) {
    multiplyByRows(layer, x, y, context);
    return;
  }
  const rounded = roundActivations(x, context.activationBits, context);
  multiplyByRows(layer, rounded.asFloats(), y, context);
  rounded.release();
}

/** Visits all rows of a matrix as f32, input transforms folded in, a few at a time; the array is used again. */
function eachDecodedRows(
  matrix: WeightMatrix,
  { backend, pool }: LinearContext,
  visit: (begin: number, rows: number, decoded: Float32Array) => void,
): void {
  const step = Math.min(matrix.rows, Math.max(1, Math.floor(DECODED_WEIGHTS / matrix.columns)));
  const workspace = pool.allocate(step, matrix.columns);
  for (let begin = 0; begin < matrix.rows; begin += step) {
    const rows = Math.min(step, matrix.rows - begin);
    decodeRows(matrix, begin, rows, workspace.values.subarray(0, rows * matrix.columns), backend);
    visit(begin, rows, workspace.values.subarray(0, rows * matrix.columns));
  }
  pool.giveBack(workspace.buffer);
}

/** Rows `begin` … `begin + rows − 1` of a matrix as f32, input transforms folded in. */
export function decodeRows(
  matrix: WeightMatrix,
  begin: number,
  rows: number,
  target: Float32Array,
  backend: KernelBackend,
): void {
  const terms = matrix.terms.map((term) => termRows(term, begin, begin + rows));
  decodeTerms(terms, target, backend);
  foldTransforms(matrix.inputTransforms, { values: target, rows, columns: matrix.columns }, backend);
}
