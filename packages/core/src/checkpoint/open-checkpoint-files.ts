import { createMemorySource } from "../bytes/memory-source.js";
import type { Checkpoint } from "../safetensors/checkpoint.js";
import type { OpenShardedOptions } from "../safetensors/open-sharded.js";
import type { OpenSideFile } from "./checkpoint-config.js";
import { openCheckpointDirectory } from "./open-checkpoint-directory.js";
import { openCheckpointFile } from "./open-checkpoint-file.js";

/** A file that was read whole. */
export interface MemoryFile {
  /** Plain name: "model.safetensors", "config.json". */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Opens files in memory as one checkpoint, in browsers too.
 * @param name of one of the files (with or without folders before it): that file is opened, with the others beside it; any
 * other name: the files are opened as a directory of that name
 * @throws as `openCheckpointFile` and `openCheckpointDirectory`
 */
export async function openCheckpointFiles(
  name: string,
  files: readonly MemoryFile[],
  options: OpenShardedOptions = {},
): Promise<Checkpoint> {
  const byName = new Map(files.map((file) => [file.name, file.bytes]));
  const plain = name.split(/[\\/]/).at(-1)!;
  const folder = byName.has(plain) ? name.slice(0, name.length - plain.length) : `${name}/`;
  const open: OpenSideFile = async (file) => {
    const bytes = byName.get(file);
    return bytes === undefined ? undefined : createMemorySource(bytes, folder + file);
  };
  const source = await open(plain);
  if (source !== undefined) return openCheckpointFile(source, { ...options, file: plain, openBeside: open });
  return openCheckpointDirectory({ name, files: [...byName.keys()], open }, options);
}
