import type { ByteSource } from "../bytes/byte-source.js";
import { assembleCheckpoint } from "./assemble-checkpoint.js";
import type { Checkpoint, CheckpointConfig } from "./checkpoint.js";
import { readDescriptions } from "./description-tensors.js";
import { readHeader } from "./header.js";

export interface OpenFileOptions {
  /** Name of the file inside the checkpoint. Default: the last part of the source's name. */
  readonly shard?: string;
  /** Becomes `config` of the checkpoint. */
  readonly config?: CheckpointConfig;
  readonly signal?: AbortSignal;
}

/**
 * Opens one safetensors file as a checkpoint. The checkpoint owns the source from now on: it is closed with it, and
 * also when opening fails.
 * @throws `safetensors/…` for the first thing that is wrong with the header
 */
export async function openFile(source: ByteSource, options: OpenFileOptions = {}): Promise<Checkpoint> {
  try {
    const header = await readHeader(source, options);
    const name = options.shard ?? source.name.split(/[\\/]/).at(-1)!;
    const opened = [{ name, source, header }];
    return assembleCheckpoint(source.name, opened, await readDescriptions(opened, options), {
      ...options,
      namesAreUnique: true, // within a header they are
    });
  } catch (error) {
    await source.close();
    throw error;
  }
}
