import type { KernelBackend } from "@lowbit/core/backend";
import { LowbitError, showValue } from "@lowbit/core/errors";
import { decodeRows } from "../forward/linear.js";
import type { Block, LinearLayer, NamedVector, NormLayer, WeightMatrix } from "../model/layers.js";

/** A vector of a checkpoint in f64; changed in place. */
export interface DoubleVector {
  readonly name: string;
  readonly values: Float64Array;
}

/** `y = W · x + bias` in f64; changed in place. */
export interface DoubleLinear {
  /** Of the weight: "model.layers.0.self_attn.q_proj.weight". */
  readonly name: string;
  readonly outFeatures: number;
  readonly inFeatures: number;
  /** [outFeatures, inFeatures] */
  readonly weight: Float64Array;
  readonly bias?: DoubleVector;
}

/** A block of the Llama family in f64: what transforms merge into. */
export interface DoubleBlock {
  readonly attentionNorm: DoubleVector;
  readonly query: DoubleLinear;
  readonly key: DoubleLinear;
  readonly value: DoubleLinear;
  readonly output: DoubleLinear;
  readonly feedForwardNorm: DoubleVector;
  readonly gate: DoubleLinear;
  readonly up: DoubleLinear;
  readonly down: DoubleLinear;
  /** Norms of query and key heads (Qwen3), which no transform touches. */
  readonly headNorms: readonly DoubleVector[];
}

/**
 * A copy of a block.
 * @throws `transform/quantized-weight`
 */
export function doubleBlock(
  { attention, attentionNorm, feedForward, feedForwardNorm }: Block,
  backend: KernelBackend,
): DoubleBlock {
  const { input, output, queryNorm, keyNorm } = attention;
  // `checkTransformable` lets only gated blocks with separate projections through.
  if (input.kind === "fused" || feedForward.gate === undefined)
    throw new TypeError("a block of the Llama family is needed");
  const linear = (layer: LinearLayer) => doubleLinear(layer, backend);
  return {
    attentionNorm: doubleVector(attentionNorm.weight),
    query: linear(input.query),
    key: linear(input.key),
    value: linear(input.value),
    output: linear(output),
    feedForwardNorm: doubleVector(feedForwardNorm.weight),
    gate: linear(feedForward.gate),
    up: linear(feedForward.up),
    down: linear(feedForward.down),
    headNorms: [queryNorm, keyNorm]
      .filter((norm): norm is NormLayer => norm !== undefined)
      .map(({ weight }) => doubleVector(weight)),
  };
}

/** Linear layers of a block in the order of the forward pass. */
function doubleLinears({ query, key, value, output, gate, up, down }: DoubleBlock): readonly DoubleLinear[] {
  return [query, key, value, output, gate, up, down];
}

/** Every tensor of a block under its name. */
export function doubleTensors(block: DoubleBlock): readonly DoubleVector[] {
  const linears = doubleLinears(block).flatMap(({ name, weight, bias }) => [
    { name, values: weight },
    ...(bias === undefined ? [] : [bias]),
  ]);
  return [block.attentionNorm, block.feedForwardNorm, ...block.headNorms, ...linears];
}

export function doubleVector({ name, values }: NamedVector): DoubleVector {
  return { name, values: Float64Array.from(values) };
}

function doubleLinear(layer: LinearLayer, backend: KernelBackend): DoubleLinear {
  const { name, outFeatures, inFeatures, bias } = layer;
  return {
    name,
    outFeatures,
    inFeatures,
    weight: doubleRows(layer, 0, outFeatures, backend),
    ...(bias !== undefined && { bias: doubleVector(bias) }),
  };
}

/**
 * Rows `begin` … `begin + rows − 1` of a plain matrix.
 * @throws `transform/quantized-weight`
 */
export function doubleRows(matrix: WeightMatrix, begin: number, rows: number, backend: KernelBackend): Float64Array {
  const isPlain =
    matrix.terms.length === 1 && matrix.terms[0]!.layout.kind === "dense" && matrix.inputTransforms.length === 0;
  if (!isPlain) {
    throw new LowbitError(
      "transform/quantized-weight",
      `Weight ${showValue(matrix.name)} is quantized; transforms are merged into plain weights.`,
      { weight: matrix.name },
    );
  }
  const values = new Float32Array(rows * matrix.columns);
  decodeRows(matrix, begin, rows, values, backend);
  return Float64Array.from(values);
}
