import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { ByteSource } from "../bytes/byte-source.js";
import { LowbitError } from "../errors/index.js";
import { openGguf } from "../gguf/gguf-checkpoint.js";
import { GGUF_MAGIC } from "../gguf/gguf-header.js";
import { splitCounter } from "../gguf/split-name.js";
import type { Checkpoint } from "../safetensors/checkpoint.js";
import { inNaturalOrder } from "../safetensors/natural-order.js";
import { openFile } from "../safetensors/open-file.js";
import { type OpenShardedOptions, openSharded, openShards } from "../safetensors/open-sharded.js";
import { checkShardSet } from "../safetensors/shard-name.js";
import { readCheckpointConfig, sideFilesOf } from "./checkpoint-config.js";
import { openFileSource } from "./file-source.js";
import { openIfThere } from "./open-if-there.js";

const INDEX_ENDING = ".safetensors.index.json";
const SHARD_ENDING = ".safetensors";
const GGUF_ENDING = ".gguf";

/**
 * Opens a checkpoint by its path: a .safetensors file, a shard index (.json), a GGUF file, or a directory. In a directory
 * the index counts when there is one; without it all .safetensors files together are the model, and where there are none
 * the only GGUF model.
 *
 * A file that begins with "GGUF" is a GGUF file whatever its name (no safetensors file can begin so: its header would
 * have 1 179 993 927 bytes). Of a split GGUF model any file opens all.
 * @throws `bytes/cannot-open`, `safetensors/no-model`, `safetensors/ambiguous-index`, `gguf/ambiguous-directory`,
 * `pipeline/config-invalid`, and everything that `openFile`, `openSharded` and `openGguf` throw
 */
export async function openCheckpoint(path: string, options: OpenShardedOptions = {}): Promise<Checkpoint> {
  if (await isDirectory(path)) return openDirectory(path, options);
  if (path.endsWith(".json")) return openIndex(path, path, options);
  const source = await openFileSource(path);
  if (await beginsAsGguf(source)) return openGgufFile(path, source, options);
  if (path.endsWith(SHARD_ENDING)) return openFile(source, await withConfig(dirname(path), options, source));
  // The error of a file that is named .gguf and is none tells what it begins with.
  if (path.endsWith(GGUF_ENDING)) return openGgufFile(path, source, options);
  await source.close();
  throw new LowbitError(
    "safetensors/no-model",
    `${path}: is no ${SHARD_ENDING} file, ${INDEX_ENDING}, GGUF file or directory.`,
    { path },
  );
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
  if (files.length === 0) return openOnlyGguf(path, names, options);
  checkShardSet(files);
  return openShards(path, files, (shard) => openFileSource(join(path, shard)), await withConfig(path, options));
}

/** The one GGUF model of a directory without other checkpoints. */
async function openOnlyGguf(path: string, names: readonly string[], options: OpenShardedOptions): Promise<Checkpoint> {
  const files = names.filter((name) => name.endsWith(GGUF_ENDING)).toSorted();
  const models = new Set(files.map(modelName));
  if (models.size > 1) {
    throw new LowbitError(
      "gguf/ambiguous-directory",
      `${path}: holds ${models.size} GGUF models: ${files.join(", ")}.`,
      {
        path,
        files,
      },
    );
  }
  const [file] = files;
  if (file === undefined) {
    throw new LowbitError(
      "safetensors/no-model",
      `${path}: the directory holds no ${SHARD_ENDING} file and no ${GGUF_ENDING} file.`,
      { path },
    );
  }
  const filePath = join(path, file);
  const checkpoint = await openGgufFile(filePath, await openFileSource(filePath), options);
  if (checkpoint.shards.length === files.length) return checkpoint;
  await checkpoint.close();
  throw new LowbitError("gguf/split-mismatch", `${filePath}: is named as one of ${files.length} parts and is none.`, {
    file,
    expected: files.length,
    found: checkpoint.shards.length,
  });
}

/** Equal for the parts of one set. */
function modelName(file: string): string {
  const counter = splitCounter(file);
  return counter === undefined ? file : `${counter.stem} of ${counter.count}`;
}

async function openGgufFile(path: string, source: ByteSource, options: OpenShardedOptions): Promise<Checkpoint> {
  const { signal } = options;
  return openGguf(source, {
    shard: basename(path),
    openSplit: (split) => openIfThere(join(dirname(path), split), openFileSource),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function openIndex(name: string, indexPath: string, options: OpenShardedOptions): Promise<Checkpoint> {
  const directory = dirname(indexPath);
  const index = await openFileSource(indexPath);
  try {
    const openShard = (shard: string) => openIfThere(join(directory, basename(shard)), openFileSource);
    return await openSharded(name, index, openShard, await withConfig(directory, options));
  } finally {
    await index.close();
  }
}

/** Reads the configuration beside the files; closes `source` when that fails. */
async function withConfig(
  directory: string,
  options: OpenShardedOptions,
  source?: ByteSource,
): Promise<OpenShardedOptions> {
  try {
    const config = await readCheckpointConfig(sideFilesOf(directory));
    return config === undefined ? options : { ...options, config };
  } catch (error) {
    await source?.close();
    throw error;
  }
}

async function beginsAsGguf(source: ByteSource): Promise<boolean> {
  if (source.byteLength < GGUF_MAGIC.length) return false;
  const bytes = new Uint8Array(GGUF_MAGIC.length);
  await source.read(0, bytes);
  return String.fromCharCode(...bytes) === GGUF_MAGIC;
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? "unknown reason";
    throw new LowbitError("bytes/cannot-open", `${path}: cannot be opened (${reason}).`, { path, reason }, { cause });
  }
}
