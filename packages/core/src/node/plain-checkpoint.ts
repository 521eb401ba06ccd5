import { layOutOutput } from "../pipeline/output-files.js";
import type { TensorSpec } from "../safetensors/write-safetensors.js";
import { createFileWriter } from "./file-writer.js";
import { withJsonMember } from "./json-member.js";
import { lowbitVersion } from "./lowbit-version.js";
import { checkOutputApart, modelDirectory } from "./output-paths.js";
import { checkOutputPaths, isSingleFile, openPartialOutput, singleFileName } from "./partial-output.js";
import { DEFAULT_SHARD_BYTES } from "./prepare-quantization.js";
import { findSideFiles, writeSideFiles } from "./side-files.js";

export interface PlainCheckpointOptions {
  /** Checkpoint whose side files are copied; the output must not overlap it. */
  readonly input: string;
  /** A new directory, or a new .safetensors file. */
  readonly output: string;
  readonly tensors: readonly TensorSpec[];
  /** `__metadata__` of every file. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Members of config.json that get another value. */
  readonly config: Readonly<Record<string, string | boolean>>;
  readonly maxShardBytes?: number;
  /** Replace an existing output, once the new one is complete. */
  readonly force?: boolean;
}

/** Writes `bytes` at `byteOffset` of a tensor. */
export type TensorBytesWriter = (tensor: string, byteOffset: number, bytes: Uint8Array) => Promise<void>;

/**
 * Writes a checkpoint of plain tensors: `produce` fills them in any order. The output appears in one step when everything is
 * there; after an error nothing of it is left.
 * @returns bytes of the safetensors files
 * @throws `pipeline/output-exists`, `pipeline/output-is-input`, `pipeline/partial-exists`, `pipeline/not-replaceable`,
 * `pipeline/write-failed`, and what `produce` throws
 */
export async function writePlainCheckpoint(
  options: PlainCheckpointOptions,
  produce: (write: TensorBytesWriter) => Promise<void>,
): Promise<number> {
  const { input, output, tensors, metadata, config, force = false, maxShardBytes = DEFAULT_SHARD_BYTES } = options;
  await checkOutputPaths({ output, resume: false, force });
  await checkOutputApart(input, output);
  const single = isSingleFile(output);
  const { files, places } = layOutOutput(
    tensors.map((tensor) => ({ name: tensor.name, shard: "", tensors: [tensor] })),
    { maxShardBytes, keepSplit: false, ...(single && { singleFile: singleFileName(output) }) },
    () => metadata,
  );
  const directory = single ? undefined : await modelDirectory(input);
  const sideFiles = directory === undefined ? undefined : await findSideFiles(directory);
  const fingerprint = { "lowbit version": lowbitVersion() };
  const partial = await openPartialOutput({ output, files, fingerprint, resume: false, force });
  const writer = createFileWriter(partial.directory);
  try {
    await produce((tensor, byteOffset, bytes) => {
      const place = places.get(tensor)!;
      return writer.write(place.file, place.byteOffset + byteOffset, bytes);
    });
    await writer.close();
    if (sideFiles !== undefined) {
      const { config: text } = sideFiles;
      const changed = text === undefined ? {} : { config: withMembers(text, config) };
      await writeSideFiles({ ...sideFiles, ...changed }, partial.directory, undefined);
    }
    await partial.finish();
  } catch (error) {
    await writer.close();
    await partial.discard();
    throw error;
  }
  return files.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

function withMembers(text: string, members: PlainCheckpointOptions["config"]): string {
  return Object.entries(members).reduce((changed, [key, value]) => withJsonMember(changed, key, value), text);
}
