import { createReferenceBackend } from "@lowbit/core/backend";
import { quantizeMatrix } from "@lowbit/core/pipeline";
import { QUANTIZERS } from "@lowbit/core/quantizers";
import { allocateTerm, type InputTransform, type Term, transformWeights, writeU32 } from "@lowbit/core/terms";
import { replaceLayers } from "../calibration/replace-layers.js";
import { decodeRows } from "../forward/linear.js";
import type { LanguageModel } from "../model/language-model.js";
import { blockLinears, type LinearLayer, type NamedVector, type WeightMatrix } from "../model/layers.js";

const reference = createReferenceBackend();

/** Every parameter of a model of F32 dense terms, by name; changing the arrays changes the model. */
export function modelParameters({ embedding, blocks, head }: LanguageModel): ReadonlyMap<string, Float32Array> {
  const matrices: WeightMatrix[] = [embedding.tokens, ...blocks.flatMap(blockLinears), head.output];
  const norms = [...blocks.flatMap((block) => [block.attentionNorm, block.feedForwardNorm]), head.norm];
  const vectors: NamedVector[] = norms.map(({ weight }) => weight);
  return new Map([
    ...matrices.map((matrix) => [matrix.name, denseValues(matrix)] as const),
    ...vectors.map(({ name, values }) => [name, values] as const),
  ]);
}

/** The array of a plain matrix. */
function denseValues({ terms }: WeightMatrix): Float32Array {
  const { values } = terms[0]!.arrays as { values: Uint8Array };
  return new Float32Array(values.buffer, values.byteOffset, values.byteLength / 4);
}

/** The model with the linear layers of its blocks made anew. */
export function mapLinears(model: LanguageModel, map: (layer: LinearLayer) => LinearLayer): LanguageModel {
  return { ...model, blocks: model.blocks.map((block) => replaceLayers(block, blockLinears(block).map(map))) };
}

/** The layer quantized by a method, after input transforms. */
export function quantizedLayer(
  layer: LinearLayer,
  method: string,
  options: Readonly<Record<string, unknown>>,
  inputTransforms: readonly InputTransform[] = [],
): LinearLayer {
  const { rows, columns } = layer;
  const block = { values: denseValues(layer).slice(), rows, columns };
  transformWeights(inputTransforms, block, reference);
  return { ...layer, inputTransforms, terms: quantizeMatrix(QUANTIZERS[method]!, block, options, reference) };
}

/** The same weight as one F32 dense term that acts on plain activations. */
export function dequantizedLayer(layer: LinearLayer): LinearLayer {
  const { rows, columns } = layer;
  const values = new Float32Array(rows * columns);
  decodeRows(layer, 0, rows, values, reference);
  const term: Term = {
    layout: { kind: "dense", rows, columns, valueDtype: "F32" },
    arrays: { values: new Uint8Array(values.buffer) },
  };
  return { ...layer, inputTransforms: [], terms: [term] };
}

/** Two weights of every row kept as they are beside other terms. */
export function keptWeights(rows: number, columns: number): Term {
  const term = allocateTerm({ kind: "sparse", rows, columns, count: 2 * rows, indexDtype: "U16", valueDtype: "F32" });
  const { rowStarts, columnIndices, values } = term.arrays;
  const counts = Array.from({ length: rows }, (_, row) => row);
  writeU32(
    [...counts, rows].map((row) => 2 * row),
    rowStarts,
  );
  const half = Math.floor(columns / 2);
  const positions = counts.flatMap((row) => [row % half, half + ((5 * row) % half)]);
  new Uint16Array(columnIndices.buffer, columnIndices.byteOffset, 2 * rows).set(positions);
  new Float32Array(values.buffer, values.byteOffset, 2 * rows).set(
    positions.map((column, i) => (column % 7) - 3 + 0.5 * (i % 2)),
  );
  return term;
}
