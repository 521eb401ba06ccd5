import { mapBounded } from "../bytes/bounded-reads.js";
import type { ByteSource } from "../bytes/byte-source.js";
import { LowbitError } from "../errors/index.js";
import { assembleCheckpoint, closeAll, type OpenShard } from "./assemble-checkpoint.js";
import type { Checkpoint, CheckpointConfig } from "./checkpoint.js";
import { readDescriptions } from "./description-tensors.js";
import { readHeader } from "./header.js";
import { type ProblemReport, quoteName, throwProblem } from "./header-problem.js";
import { readShardIndex, type ShardIndex } from "./shard-index.js";
import { checkShardSet } from "./shard-name.js";

/** Headers read at once; more gains nothing on a disk and annoys a server. */
const HEADERS_AT_ONCE = 8;

/** Opens a file beside the index by its plain name; undefined when there is none. */
export type OpenShardSource = (shard: string) => Promise<ByteSource | undefined>;

export interface OpenShardedOptions {
  /**
   * Receives `safetensors/index-extra-tensor` and `safetensors/index-total-size`, after which the model is still
   * readable. Default: they are thrown, as everything else.
   */
  readonly onMismatch?: ProblemReport;
  /** Becomes `config` of the checkpoint. */
  readonly config?: CheckpointConfig;
  readonly signal?: AbortSignal;
}

/**
 * Opens all shards of an index as one checkpoint and compares the index with their headers.
 * @throws `safetensors/index-…` for the first contradiction, `safetensors/…` for the first bad shard header
 */
export async function openSharded(
  name: string,
  index: ByteSource,
  openShard: OpenShardSource,
  options: OpenShardedOptions = {},
): Promise<Checkpoint> {
  const shardIndex = await readShardIndex(index, options);
  checkShardSet(shardIndex.shards);
  return openShards(name, shardIndex.shards, openShard, options, (opened) =>
    compareIndex(shardIndex, opened, options.onMismatch ?? throwProblem),
  );
}

/**
 * Opens `shards` as one checkpoint; closes those already open when one fails.
 * @param check called with the opened shards before they are joined; may throw. Whether it has found that no two hold a
 * tensor of the same name
 */
export async function openShards(
  name: string,
  shards: readonly string[],
  openShard: OpenShardSource,
  options: { readonly signal?: AbortSignal; readonly config?: CheckpointConfig },
  check: (opened: readonly OpenShard[]) => boolean = () => false,
): Promise<Checkpoint> {
  const sources: ByteSource[] = [];
  try {
    const opened = await mapBounded(shards, HEADERS_AT_ONCE, async (shard): Promise<OpenShard> => {
      const source = await openShard(shard);
      if (source === undefined) {
        throw new LowbitError(
          "safetensors/index-missing-shard",
          `${name}: the shard ${quoteName(shard)} is not there.`,
          { shard },
        );
      }
      sources.push(source);
      return { name: shard, source, header: await readHeader(source, options) };
    });
    const { config } = options;
    const namesAreUnique = check(opened);
    const descriptions = await readDescriptions(opened, options);
    return assembleCheckpoint(name, opened, descriptions, { namesAreUnique, ...(config !== undefined && { config }) });
  } catch (error) {
    await closeAll(sources);
    throw error;
  }
}

/** Whether each tensor is in the one shard that the index states; everything else is reported. */
function compareIndex(index: ShardIndex, opened: readonly OpenShard[], onMismatch: ProblemReport): boolean {
  const areWhereStated = isWhereStated(index, opened);
  const found = areWhereStated ? tensorBytes(opened) : comparePlaces(index, opened, onMismatch);
  if (index.totalSize !== undefined && index.totalSize !== found) {
    onMismatch(
      "safetensors/index-total-size",
      `The index states total_size ${index.totalSize}, but the tensors have ${found} bytes.`,
      { found, expected: index.totalSize },
    );
  }
  return areWhereStated;
}

/** Whether every shard holds exactly the tensors that the index states: true of every sound model. */
function isWhereStated({ shardOf }: ShardIndex, opened: readonly OpenShard[]): boolean {
  let count = 0;
  for (const { name: shard, header } of opened) {
    for (const { name } of header.entries) if (shardOf.get(name) !== shard) return false;
    count += header.entries.length; // names are unique within a header
  }
  return count === shardOf.size;
}

function tensorBytes(opened: readonly OpenShard[]): number {
  return opened.reduce(
    (all, { header }) => header.entries.reduce((sum, { begin, end }) => sum + (end - begin), all),
    0,
  );
}

/** Reports and throws what differs. Returns the bytes of all tensors. */
function comparePlaces(index: ShardIndex, opened: readonly OpenShard[], onMismatch: ProblemReport): number {
  const heldBy = new Map<string, string>();
  let found = 0;
  for (const { name: shard, header } of opened) {
    for (const { name: tensor, begin, end } of header.entries) {
      found += end - begin;
      const expected = index.shardOf.get(tensor);
      if (expected === shard || !heldBy.has(tensor)) heldBy.set(tensor, shard);
      if (expected === undefined) {
        onMismatch(
          "safetensors/index-extra-tensor",
          `Shard ${quoteName(shard)} holds tensor ${quoteName(tensor)}, which the index does not name.`,
          { tensor, shard },
        );
      }
    }
  }
  for (const [tensor, expected] of index.shardOf) checkPlace(tensor, expected, heldBy.get(tensor));
  return found;
}

function checkPlace(tensor: string, expected: string, actual: string | undefined): void {
  if (actual === expected) return;
  const place = `The index says that tensor ${quoteName(tensor)} is in ${quoteName(expected)}`;
  if (actual === undefined) {
    throw new LowbitError("safetensors/index-missing-tensor", `${place}, but no shard holds it.`, {
      tensor,
      shard: expected,
    });
  }
  throw new LowbitError("safetensors/index-wrong-shard", `${place}, but it is in ${quoteName(actual)}.`, {
    tensor,
    expected,
    found: actual,
  });
}
