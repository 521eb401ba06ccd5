import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { ByteSource } from "../bytes/byte-source.js";
import { isLowbitError, LowbitError } from "../errors/index.js";
import type { Checkpoint } from "../safetensors/checkpoint.js";
import { inNaturalOrder } from "../safetensors/natural-order.js";
import { openFile } from "../safetensors/open-file.js";
import { type OpenShardedOptions, openSharded, openShards } from "../safetensors/open-sharded.js";
import { checkShardSet } from "../safetensors/shard-name.js";
import { openFileSource } from "./file-source.js";

const INDEX_ENDING = ".safetensors.index.json";
const SHARD_ENDING = ".safetensors";

/**
 * Opens a checkpoint by its path: a .safetensors file, a shard index (.json), or a directory. In a directory the index
 * counts when there is one; without it all .safetensors files together are the model.
 * @throws `bytes/cannot-open`, `safetensors/no-model`, `safetensors/ambiguous-index`, and everything that `openFile`
 * and `openSharded` throw
 */
export async function openCheckpoint(path: string, options: OpenShardedOptions = {}): Promise<Checkpoint> {
  if (await isDirectory(path)) return openDirectory(path, options);
  if (path.endsWith(".json")) return openIndex(path, path, options);
  if (!path.endsWith(SHARD_ENDING)) {
    throw new LowbitError(
      "safetensors/no-model",
      `${path}: is no ${SHARD_ENDING} file, ${INDEX_ENDING} or directory.`,
      {
        path,
      },
    );
  }
  return openFile(await openFileSource(path), options);
}

async function openDirectory(path: string, options: OpenShardedOptions): Promise<Checkpoint> {
  const names = await readdir(path);
  const indexes = names.filter((name) => name.endsWith(INDEX_ENDING));
  const index = indexes.length === 1 ? indexes[0] : indexes.find((name) => name === `model${INDEX_ENDING}`);
  if (index !== undefined) return openIndex(path, join(path, index), options);
  if (indexes.length > 1) {
    throw new LowbitError("safetensors/ambiguous-index", `${path}: holds ${indexes.length} indexes.`, {
      path,
      indexes: indexes.toSorted(),
    });
  }
  const files = inNaturalOrder(
    names.filter((name) => name.endsWith(SHARD_ENDING)),
    (name) => name,
  );
  if (files.length === 0) {
    throw new LowbitError("safetensors/no-model", `${path}: the directory holds no ${SHARD_ENDING} file.`, { path });
  }
  checkShardSet(files);
  return openShards(path, files, (shard) => openFileSource(join(path, shard)), options);
}

async function openIndex(name: string, indexPath: string, options: OpenShardedOptions): Promise<Checkpoint> {
  const index = await openFileSource(indexPath);
  try {
    return await openSharded(name, index, (shard) => openIfThere(join(dirname(indexPath), basename(shard))), options);
  } finally {
    await index.close();
  }
}

async function openIfThere(path: string): Promise<ByteSource | undefined> {
  try {
    return await openFileSource(path);
  } catch (error) {
    if (!isLowbitError(error)) throw error;
    const { reason } = error.facts;
    if (reason === "ENOENT") return undefined;
    throw error;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? "unknown reason";
    throw new LowbitError("bytes/cannot-open", `${path}: cannot be opened (${reason}).`, { path, reason }, { cause });
  }
}
