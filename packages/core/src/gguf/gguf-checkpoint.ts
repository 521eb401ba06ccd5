import type { BlockTypeName } from "../blocks/block-type.js";
import { mapBounded } from "../bytes/bounded-reads.js";
import type { ByteSource } from "../bytes/byte-source.js";
import { checkSpan } from "../bytes/byte-span.js";
import { LowbitError } from "../errors/index.js";
import { closeAll } from "../safetensors/assemble-checkpoint.js";
import type { Checkpoint, CheckpointTensor } from "../safetensors/checkpoint.js";
import { quoteName } from "../safetensors/header-problem.js";
import { inNaturalOrder } from "../safetensors/natural-order.js";
import { type GgufHeader, type GgufTensor, type ReadGgufOptions, readGgufHeader } from "./gguf-header.js";
import { plainDtype } from "./gguf-types.js";
import type { GgufMetadata } from "./gguf-value.js";
import { splitNames } from "./split-name.js";
import { checkSplitSet, isSplit } from "./split-set.js";

/** A GGUF model as a checkpoint: tensors under their names in the file, those in blocks with their `blockType`. */
export interface GgufCheckpoint extends Checkpoint {
  /** Of the first file where there are several. */
  readonly gguf: GgufMetadata;
  readonly ggufVersion: 2 | 3;
  /** What the files say of each tensor, by its name. */
  ggufTensor(name: string): GgufTensor | undefined;
}

export function isGgufCheckpoint(checkpoint: Checkpoint): checkpoint is GgufCheckpoint {
  return "gguf" in checkpoint;
}

/** A file of a GGUF model with its header. */
export interface OpenGgufFile {
  readonly name: string;
  readonly source: ByteSource;
  readonly header: GgufHeader;
}

/** Opens a file of a split model by its plain name; undefined when there is none. */
export type OpenSplitSource = (name: string) => Promise<ByteSource | undefined>;

export interface OpenGgufOptions extends ReadGgufOptions {
  /** Name of the file inside the checkpoint. Default: the last part of the source's name. */
  readonly shard?: string;
  /** Finds the other files of a split model, by names made from this file's own name, never from a text in a file. */
  readonly openSplit?: OpenSplitSource;
}

const HEADERS_AT_ONCE = 8;

/**
 * Opens a GGUF file as a checkpoint, with the other files of its set where it is a part. The checkpoint owns the sources:
 * they are closed with it, and also when opening fails.
 * @throws `gguf/…` for the first thing that is wrong with the headers or the set
 */
export async function openGguf(source: ByteSource, options: OpenGgufOptions = {}): Promise<GgufCheckpoint> {
  const sources = [source];
  try {
    const name = options.shard ?? source.name.split(/[\\/]/).at(-1)!;
    const first: OpenGgufFile = { name, source, header: await readGgufHeader(source, options) };
    if (!isSplit(first.header.metadata)) return ggufCheckpoint(source.name, [first]);
    const files = await mapBounded(splitNames(name), HEADERS_AT_ONCE, async (split): Promise<OpenGgufFile> => {
      if (split === name) return first;
      const opened = await options.openSplit?.(split);
      if (opened === undefined) {
        throw new LowbitError("gguf/split-missing", `${source.name}: the part ${quoteName(split)} is not there.`, {
          split,
        });
      }
      sources.push(opened);
      return { name: split, source: opened, header: await readGgufHeader(opened, options) };
    });
    checkSplitSet(files);
    return ggufCheckpoint(source.name, files);
  } catch (error) {
    await closeAll(sources);
    throw error;
  }
}

/** @throws `gguf/duplicate-tensor` when two files hold a tensor of the same name */
function ggufCheckpoint(name: string, files: readonly OpenGgufFile[]): GgufCheckpoint {
  const sources = new Map(files.map((file) => [file.name, file.source]));
  const byName = new Map<string, CheckpointTensor>();
  const infos = new Map<string, GgufTensor>();
  for (const file of files) {
    for (const info of file.header.tensors) {
      const other = byName.get(info.name);
      if (other !== undefined) {
        throw new LowbitError(
          "gguf/duplicate-tensor",
          `Tensor ${quoteName(info.name)} is in ${quoteName(other.shard)} and in ${quoteName(file.name)}.`,
          { tensor: info.name, first: other.shard, second: file.name },
        );
      }
      byName.set(info.name, checkpointTensor(info, file.name));
      infos.set(info.name, info);
    }
  }
  let sorted: readonly CheckpointTensor[] | undefined;
  const { metadata, version } = files[0]!.header;
  return {
    name,
    get tensors() {
      sorted ??= inNaturalOrder([...byName.values()], (tensor) => tensor.name);
      return sorted;
    },
    shards: files.map((file) => file.name),
    // Text of a GGUF file must not be taken for the __metadata__ of a layout.
    metadata: new Map(files.map((file) => [file.name, {}])),
    gguf: metadata,
    ggufVersion: version,
    tensor: (tensorName) => byName.get(tensorName),
    ggufTensor: (tensorName) => infos.get(tensorName),
    async read(tensor, offset, target, options) {
      checkSpan(`${name}: tensor ${quoteName(tensor.name)}`, tensor.byteLength, offset, target.byteLength);
      await sources.get(tensor.shard)!.read(tensor.byteOffset + offset, target, options);
    },
    async close() {
      await closeAll(sources.values());
    },
  };
}

function checkpointTensor(info: GgufTensor, shard: string): CheckpointTensor {
  const { name, shape, type, byteOffset, byteLength } = info;
  const dtype = plainDtype(type);
  const place = { name, shape, shard, byteOffset, byteLength };
  return dtype === undefined ? { ...place, dtype: "U8", blockType: type as BlockTypeName } : { ...place, dtype };
}
