import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { OpenSideFile } from "../checkpoint/checkpoint-config.js";
import { openCheckpointDirectory } from "../checkpoint/open-checkpoint-directory.js";
import { openCheckpointFile } from "../checkpoint/open-checkpoint-file.js";
import { LowbitError } from "../errors/index.js";
import type { Checkpoint } from "../safetensors/checkpoint.js";
import type { OpenShardedOptions } from "../safetensors/open-sharded.js";
import { openFileSource } from "./file-source.js";
import { openIfThere } from "./open-if-there.js";

/**
 * Opens a checkpoint by its path: a .safetensors file, a shard index (.json), a GGUF file, or a directory. In a directory
 * the index counts when there is one; without it all .safetensors files together are the model, and where there are none
 * the only GGUF model. Of a split GGUF model any file opens all.
 * @throws `bytes/cannot-open`, and what `openCheckpointFile` and `openCheckpointDirectory` throw
 */
export async function openCheckpoint(path: string, options: OpenShardedOptions = {}): Promise<Checkpoint> {
  if (await isDirectory(path)) {
    return openCheckpointDirectory({ name: path, files: await readdir(path), open: filesOf(path) }, options);
  }
  const openBeside = filesOf(dirname(path));
  return openCheckpointFile(await openFileSource(path), { ...options, file: basename(path), openBeside });
}

/** The files of a directory by their plain names: a name never leads out of it. */
function filesOf(directory: string): OpenSideFile {
  return (name) => openIfThere(join(directory, basename(name)), openFileSource);
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? "unknown reason";
    throw new LowbitError("bytes/cannot-open", `${path}: cannot be opened (${reason}).`, { path, reason }, { cause });
  }
}
