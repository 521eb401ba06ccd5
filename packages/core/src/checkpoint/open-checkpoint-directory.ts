import type { ByteSource } from "../bytes/byte-source.js";
import { LowbitError } from "../errors/index.js";
import { splitCounter } from "../gguf/split-name.js";
import type { Checkpoint } from "../safetensors/checkpoint.js";
import { inNaturalOrder } from "../safetensors/natural-order.js";
import { type OpenShardedOptions, openShards } from "../safetensors/open-sharded.js";
import { checkShardSet } from "../safetensors/shard-name.js";
import type { OpenSideFile } from "./checkpoint-config.js";
import { GGUF_ENDING, INDEX_ENDING, SHARD_ENDING } from "./container.js";
import { openGgufFile, openIndex, withConfig } from "./open-checkpoint-file.js";

/** Files that lie together: a directory, a folder on a server, files in memory. */
export interface CheckpointDirectory {
  /** Shown in errors, and the name of the checkpoint. */
  readonly name: string;
  /** Plain names of the files in it. */
  readonly files: readonly string[];
  readonly open: OpenSideFile;
}

/**
 * Opens the one checkpoint of a directory: the index counts when there is one; without it all .safetensors files together
 * are the model, and where there are none the only GGUF model.
 * @throws `safetensors/no-model`, `safetensors/ambiguous-index`, `gguf/ambiguous-directory`, `pipeline/config-invalid`,
 * and everything that `openSharded`, `openShards` and `openGguf` throw
 */
export async function openCheckpointDirectory(
  directory: CheckpointDirectory,
  options: OpenShardedOptions = {},
): Promise<Checkpoint> {
  const { name, open } = directory;
  const indexes = directory.files.filter((file) => file.endsWith(INDEX_ENDING));
  const index = indexes.length === 1 ? indexes[0] : indexes.find((file) => file === `model${INDEX_ENDING}`);
  if (index !== undefined) return openIndex(name, await openListed(directory, index), open, options);
  if (indexes.length > 1) {
    throw new LowbitError("safetensors/ambiguous-index", `${name}: holds ${indexes.length} indexes.`, {
      path: name,
      indexes: indexes.toSorted(),
    });
  }
  const files = inNaturalOrder(
    directory.files.filter((file) => file.endsWith(SHARD_ENDING)),
    (file) => file,
  );
  if (files.length === 0) return openOnlyGguf(directory, options);
  checkShardSet(files);
  return openShards(name, files, open, await withConfig(open, options));
}

/** The one GGUF model of a directory without other checkpoints. */
async function openOnlyGguf(directory: CheckpointDirectory, options: OpenShardedOptions): Promise<Checkpoint> {
  const { name } = directory;
  const files = directory.files.filter((file) => file.endsWith(GGUF_ENDING)).toSorted();
  const models = new Set(files.map(modelName));
  if (models.size > 1) {
    throw new LowbitError(
      "gguf/ambiguous-directory",
      `${name}: holds ${models.size} GGUF models: ${files.join(", ")}.`,
      { path: name, files },
    );
  }
  const [file] = files;
  if (file === undefined) {
    throw new LowbitError(
      "safetensors/no-model",
      `${name}: the directory holds no ${SHARD_ENDING} file and no ${GGUF_ENDING} file.`,
      { path: name },
    );
  }
  const source = await openListed(directory, file);
  const checkpoint = await openGgufFile(source, file, directory.open, options);
  if (checkpoint.shards.length === files.length) return checkpoint;
  await checkpoint.close();
  throw new LowbitError(
    "gguf/split-mismatch",
    `${source.name}: is named as one of ${files.length} parts and is none.`,
    {
      file,
      expected: files.length,
      found: checkpoint.shards.length,
    },
  );
}

/** Equal for the parts of one set. */
function modelName(file: string): string {
  const counter = splitCounter(file);
  return counter === undefined ? file : `${counter.stem} of ${counter.count}`;
}

/** @throws `bytes/cannot-open` when it has gone since the files were listed */
async function openListed({ name, open }: CheckpointDirectory, file: string): Promise<ByteSource> {
  const source = await open(file);
  if (source !== undefined) return source;
  throw new LowbitError("bytes/cannot-open", `${name}: the file ${file} is no longer there.`, {
    path: file,
    reason: "gone",
  });
}
