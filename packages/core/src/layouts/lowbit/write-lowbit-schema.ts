import { LowbitError } from "../../errors/lowbit-error.js";
import { quoteName } from "../../safetensors/header-problem.js";
import { validateLayouts } from "../../terms/quantized-weight.js";
import { LOWBIT_FORMAT_VERSION, LOWBIT_METADATA_KEY, type LowbitWeight } from "./lowbit-weight.js";
import { type WeightTensor, weightTensors } from "./weight-tensors.js";

/** What a lowbit file (or shard) needs besides the bytes. */
export interface LowbitSchema {
  /** Every array of every weight as a tensor, in the order of the weights. All arrays of a weight go into one shard. */
  readonly tensors: readonly WeightTensor[];
  /** Additions to `__metadata__`; "format": "pt" lets other libraries open the file. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Plans the tensors and metadata of the weights that one file holds. Pure: sizes are known before any work.
 * @param otherNames names of the tensors that stay plain in the same checkpoint
 * @throws `layouts/name-collision`, and what `validateLayouts` throws
 */
export function writeLowbitSchema(weights: readonly LowbitWeight[], otherNames: Iterable<string> = []): LowbitSchema {
  for (const { shape, terms, transforms } of weights) validateLayouts(shape, terms, transforms);
  const tensors = weights.flatMap(weightTensors);
  checkNames(weights, tensors, otherNames);
  const entries = weights.map(({ name, ...entry }) => [name, entry] as const);
  const schema = { version: LOWBIT_FORMAT_VERSION, weights: Object.fromEntries(entries) };
  return { tensors, metadata: { format: "pt", [LOWBIT_METADATA_KEY]: JSON.stringify(schema) } };
}

function checkNames(
  weights: readonly LowbitWeight[],
  tensors: readonly WeightTensor[],
  otherNames: Iterable<string>,
): void {
  const taken = new Set(otherNames);
  for (const name of [...weights.map((weight) => weight.name), ...tensors.map((tensor) => tensor.name)]) {
    if (taken.has(name)) throw nameCollision(name);
    taken.add(name);
  }
}

export function nameCollision(name: string): LowbitError {
  return new LowbitError("layouts/name-collision", `The name ${quoteName(name)} is given to two tensors or weights.`, {
    name,
  });
}
