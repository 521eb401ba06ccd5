import type { ByteSource } from "../bytes/byte-source.js";
import { LowbitError } from "../errors/index.js";
import { openGguf } from "../gguf/gguf-checkpoint.js";
import type { Checkpoint } from "../safetensors/checkpoint.js";
import { openFile } from "../safetensors/open-file.js";
import { type OpenShardedOptions, openSharded } from "../safetensors/open-sharded.js";
import { type OpenSideFile, readCheckpointConfig } from "./checkpoint-config.js";
import { beginsAsGguf, GGUF_ENDING, INDEX_ENDING, SHARD_ENDING } from "./container.js";

export interface OpenCheckpointFileOptions extends OpenShardedOptions {
  /** Plain name of the file. Default: the last part of the source's name. */
  readonly file?: string;
  /** Opens a file beside it by its plain name: the shards of an index, the parts of a split model, config.json. */
  readonly openBeside?: OpenSideFile;
}

/**
 * Opens the checkpoint that a file is or is a part of: a .safetensors file, a shard index (.json), a GGUF file. What
 * begins with "GGUF" is a GGUF file whatever its name; of a split GGUF model any file opens all. The checkpoint owns the
 * source: it is closed with it, and also when opening fails.
 * @throws `safetensors/no-model`, `pipeline/config-invalid`, and everything that `openFile`, `openSharded` and `openGguf`
 * throw
 */
export async function openCheckpointFile(
  source: ByteSource,
  options: OpenCheckpointFileOptions = {},
): Promise<Checkpoint> {
  const { file = source.name.split(/[\\/]/).at(-1)!, openBeside = nothingBeside } = options;
  if (file.endsWith(".json")) return openIndex(source.name, source, openBeside, options);
  const isGguf = await closedOnFailure(source, () => beginsAsGguf(source, options.signal));
  // The error of a file that is named .gguf and is none tells what it begins with.
  if (isGguf || file.endsWith(GGUF_ENDING)) {
    return openGgufFile(source, file, openBeside, options);
  }
  if (file.endsWith(SHARD_ENDING)) {
    const settings = await closedOnFailure(source, () => withConfig(openBeside, options));
    return openFile(source, { ...settings, shard: file });
  }
  await source.close();
  throw new LowbitError(
    "safetensors/no-model",
    `${source.name}: is no ${SHARD_ENDING} file, ${INDEX_ENDING}, GGUF file or directory.`,
    { path: source.name },
  );
}

/** As `openCheckpointFile`, for a file that is known to be GGUF. */
export function openGgufFile(
  source: ByteSource,
  file: string,
  openBeside: OpenSideFile,
  { signal }: OpenShardedOptions,
): Promise<Checkpoint> {
  return openGguf(source, { shard: file, openSplit: openBeside, ...(signal === undefined ? {} : { signal }) });
}

/**
 * As `openCheckpointFile`, for a shard index; the index is closed when it has been read.
 * @param name of the checkpoint
 */
export async function openIndex(
  name: string,
  index: ByteSource,
  openBeside: OpenSideFile,
  options: OpenShardedOptions,
): Promise<Checkpoint> {
  try {
    return await openSharded(name, index, openBeside, await withConfig(openBeside, options));
  } finally {
    await index.close();
  }
}

/** The options with the configuration beside the files, where there is one. */
export async function withConfig(openBeside: OpenSideFile, options: OpenShardedOptions): Promise<OpenShardedOptions> {
  const config = await readCheckpointConfig(openBeside);
  return config === undefined ? options : { ...options, config };
}

async function closedOnFailure<T>(source: ByteSource, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await source.close();
    throw error;
  }
}

const nothingBeside: OpenSideFile = async () => undefined;
