import { LowbitError } from "../errors/index.js";
import { tensorByteLength } from "./header-coverage.js";
import { quoteName, showShape } from "./header-problem.js";
import { checkShardName, checkShardSet } from "./shard-name.js";
import { compareCodePoints, type TensorSpec } from "./write-safetensors.js";

/** Which file gets which tensors. */
export interface PlannedShard<T extends TensorSpec = TensorSpec> {
  readonly name: string;
  /** Never empty, except for a model without tensors. */
  readonly tensors: readonly T[];
}

/** Name of a model in one file. */
export const SINGLE_FILE_NAME = "model.safetensors";

/** Name of the index of a split model. */
export const INDEX_NAME = "model.safetensors.index.json";

/**
 * Fills shards in the given order up to `maxShardBytes` of tensor data (headers not counted, as in the Python
 * packages). A tensor is never split: one that is larger gets a shard of its own. One shard is `model.safetensors`.
 * @param maxShardBytes 1 or more; Infinity for one file
 */
export function planShards<T extends TensorSpec>(tensors: readonly T[], maxShardBytes: number): PlannedShard<T>[] {
  const groups: T[][] = [[]];
  let filled = 0;
  for (const tensor of tensors) {
    const length = byteLengthOf(tensor);
    if (filled + length > maxShardBytes && groups.at(-1)!.length > 0) {
      groups.push([]);
      filled = 0;
    }
    groups.at(-1)!.push(tensor);
    filled += length;
  }
  if (groups.length === 1) return [{ name: SINGLE_FILE_NAME, tensors: groups[0]! }];
  return groups.map((group, index) => ({ name: shardName(index + 1, groups.length), tensors: group }));
}

/**
 * Keeps the split of an input: each tensor goes to the shard that `shardOf` names, shards keep their names and order.
 * @throws `safetensors/index-path-escape`, `safetensors/index-shard-name`, `safetensors/index-missing-shard` when the
 * names would not make a readable model
 */
export function keepSplit<T extends TensorSpec>(
  tensors: readonly T[],
  shardOf: (tensor: T) => string,
): PlannedShard<T>[] {
  const groups = new Map<string, T[]>();
  for (const tensor of tensors) {
    const shard = shardOf(tensor);
    const group = groups.get(shard);
    if (group === undefined) {
      checkShardName(shard);
      groups.set(shard, [tensor]);
    } else group.push(tensor);
  }
  checkShardSet([...groups.keys()]);
  return [...groups].map(([name, group]) => ({ name, tensors: group }));
}

/**
 * Text of `model.safetensors.index.json`, formatted as the Python packages do: sorted, two spaces, a line end. Not
 * needed for a model in one file.
 */
export function shardIndexText(shards: readonly PlannedShard[]): string {
  const entries: [string, string][] = [];
  let totalSize = 0;
  for (const { name, tensors } of shards) {
    for (const tensor of tensors) {
      entries.push([tensor.name, name]);
      totalSize += byteLengthOf(tensor);
    }
  }
  entries.sort(([a], [b]) => compareCodePoints(a, b));
  const lines = entries.map(([tensor, shard]) => `    ${JSON.stringify(tensor)}: ${JSON.stringify(shard)}`);
  const map = lines.length === 0 ? "{}" : `{\n${lines.join(",\n")}\n  }`;
  return `{\n  "metadata": {\n    "total_size": ${totalSize}\n  },\n  "weight_map": ${map}\n}\n`;
}

function shardName(number: number, count: number): string {
  return `model-${String(number).padStart(5, "0")}-of-${String(count).padStart(5, "0")}.safetensors`;
}

function byteLengthOf({ name, dtype, shape }: TensorSpec): number {
  const length = tensorByteLength(dtype, shape);
  if (typeof length === "number") return length;
  throw new LowbitError(length, `Tensor ${quoteName(name)}, ${showShape(dtype, shape)}, has no valid size.`, {
    tensor: name,
    dtype,
    shape: shape.slice(0, 16),
  });
}
