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
 * @throws `safetensors/duplicate-tensor` when two files hold a tensor of the same name
 */
export function assembleCheckpoint(
  name: string,
  opened: readonly OpenShard[],
  descriptions: ReadonlyMap<string, Uint8Array>,
  config?: CheckpointConfig,
): Checkpoint {
  const shards = inNaturalOrder(opened, (shard) => shard.name);
  const sources = new Map(shards.map((shard) => [shard.name, shard.source]));
  const byName = new Map<string, CheckpointTensor>();
  for (const shard of shards) addTensors(byName, shard);
  // Put in order when they are first asked for: it takes as long as reading the header.
  let sorted: readonly CheckpointTensor[] | undefined;
  return {
    name,
    get tensors() {
      sorted ??= inNaturalOrder([...byName.values()], (tensor) => tensor.name);
      return sorted;
    },
    shards: shards.map((shard) => shard.name),
    metadata: new Map(shards.map((shard) => [shard.name, shard.header.metadata])),
    descriptions,
    ...(config === undefined ? {} : { config }),
    tensor: (tensorName) => byName.get(tensorName),
    async read(tensor, offset, target, options) {
      checkSpan(`${name}: tensor ${quoteName(tensor.name)}`, tensor.byteLength, offset, target.byteLength);
      await sources.get(tensor.shard)!.read(tensor.byteOffset + offset, target, options);
    },
    async close() {
      await closeAll(sources.values());
    },
  };
}

function addTensors(byName: Map<string, CheckpointTensor>, shard: OpenShard): void {
  const { dataStart, entries } = shard.header;
  for (const { name, dtype, shape, begin, end } of entries) {
    const other = byName.get(name);
    if (other !== undefined) {
      throw new LowbitError(
        "safetensors/duplicate-tensor",
        `Tensor ${quoteName(name)} is in ${quoteName(other.shard)} and in ${quoteName(shard.name)}.`,
        { tensor: name, first: other.shard, second: shard.name },
      );
    }
    const byteOffset = dataStart + begin;
    byName.set(name, { name, dtype, shape, shard: shard.name, byteOffset, byteLength: end - begin });
  }
}

/** Closes every source, also when one of them fails to close. */
export async function closeAll(sources: Iterable<ByteSource>): Promise<void> {
  const results = await Promise.allSettled([...sources].map((source) => source.close()));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
