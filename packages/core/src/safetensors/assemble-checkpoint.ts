import type { ByteSource } from "../bytes/byte-source.js";
import { checkSpan } from "../bytes/byte-span.js";
import { LowbitError } from "../errors/index.js";
import type { Checkpoint, CheckpointConfig, CheckpointTensor } from "./checkpoint.js";
import type { Header } from "./header.js";
import { quoteName } from "./header-problem.js";
import { inNaturalOrder } from "./natural-order.js";

/** One opened file of a checkpoint. */
export interface OpenShard {
  readonly name: string;
  readonly source: ByteSource;
  readonly header: Header;
}

/**
 * Joins opened files to one checkpoint, which closes them.
 * @param options.namesAreUnique no two files hold a tensor of the same name, which was checked before
 * @throws `safetensors/duplicate-tensor` when two files hold a tensor of the same name
 */
export function assembleCheckpoint(
  name: string,
  opened: readonly OpenShard[],
  descriptions: ReadonlyMap<string, Uint8Array>,
  options: { readonly config?: CheckpointConfig; readonly namesAreUnique?: boolean } = {},
): Checkpoint {
  const { config, namesAreUnique = false } = options;
  const shards = inNaturalOrder(opened, (shard) => shard.name);
  const sources = new Map(shards.map((shard) => [shard.name, shard.source]));
  // Put in order and found by name when that is first asked for: each takes as long as reading the headers.
  let known: Map<string, CheckpointTensor> | undefined;
  let sorted: readonly CheckpointTensor[] | undefined;
  const all = shards.flatMap(tensorsOf);
  const byName = (): Map<string, CheckpointTensor> => {
    known ??= tensorsByName(all);
    return known;
  };
  if (!namesAreUnique) byName();
  return {
    name,
    get tensors() {
      sorted ??= inNaturalOrder(all, (tensor) => tensor.name);
      return sorted;
    },
    shards: shards.map((shard) => shard.name),
    metadata: new Map(shards.map((shard) => [shard.name, shard.header.metadata])),
    descriptions,
    ...(config === undefined ? {} : { config }),
    tensor: (tensorName) => byName().get(tensorName),
    async read(tensor, offset, target, options) {
      checkSpan(`${name}: tensor ${quoteName(tensor.name)}`, tensor.byteLength, offset, target.byteLength);
      await sources.get(tensor.shard)!.read(tensor.byteOffset + offset, target, options);
    },
    async close() {
      await closeAll(sources.values());
    },
  };
}

function tensorsOf({ name: shard, header }: OpenShard): CheckpointTensor[] {
  const { dataStart, entries } = header;
  return entries.map(({ name, dtype, shape, begin, end }) => {
    return { name, dtype, shape, shard, byteOffset: dataStart + begin, byteLength: end - begin };
  });
}

function tensorsByName(tensors: readonly CheckpointTensor[]): Map<string, CheckpointTensor> {
  const byName = new Map<string, CheckpointTensor>();
  for (const tensor of tensors) {
    const other = byName.get(tensor.name);
    if (other !== undefined) {
      throw new LowbitError(
        "safetensors/duplicate-tensor",
        `Tensor ${quoteName(tensor.name)} is in ${quoteName(other.shard)} and in ${quoteName(tensor.shard)}.`,
        { tensor: tensor.name, first: other.shard, second: tensor.shard },
      );
    }
    byName.set(tensor.name, tensor);
  }
  return byName;
}

/** Closes every source, also when one of them fails to close. */
export async function closeAll(sources: Iterable<ByteSource>): Promise<void> {
  const results = await Promise.allSettled([...sources].map((source) => source.close()));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
