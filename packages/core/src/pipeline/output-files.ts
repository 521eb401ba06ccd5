import { tensorByteLength } from "../safetensors/header-coverage.js";
import { INDEX_NAME, keepSplit, type PlannedShard, planShards, shardIndexText } from "../safetensors/plan-shards.js";
import type { PlacedTensor, TensorSpec } from "../safetensors/write-safetensors.js";
import { layOutFile } from "../safetensors/write-safetensors.js";
import type { Placement } from "./chunk-task.js";

/** What is never divided over two files: a kept tensor, or all arrays of one weight. */
export interface OutputUnit {
  readonly name: string;
  readonly tensors: readonly TensorSpec[];
  /** File of the input that it comes from. */
  readonly shard: string;
}

export interface OutputSplit {
  /** Tensor bytes of a file at most; a larger unit gets a file of its own. */
  readonly maxShardBytes: number;
  /** Files as in the input, whatever their size. */
  readonly keepSplit: boolean;
  /** Name of the one file of a single-file output. */
  readonly singleFile?: string;
}

export interface OutputFiles {
  /** Complete but for the tensors' bytes. */
  readonly files: readonly { readonly name: string; readonly header: Uint8Array; readonly byteLength: number }[];
  /** Where every tensor goes, by its name. */
  readonly places: ReadonlyMap<string, Placement>;
}

/**
 * Lays out all files before any weight is read: headers, sizes, the shard index.
 * @param metadata of one file, for the units in it
 */
export function layOutOutput(
  units: readonly OutputUnit[],
  split: OutputSplit,
  metadata: (units: readonly OutputUnit[]) => Readonly<Record<string, string>>,
): OutputFiles {
  const shards = assignShards(units, split);
  const places = new Map<string, Placement>();
  const files = shards.map(({ name, tensors: inFile }) => {
    const layout = layOutFile(
      inFile.flatMap((unit) => unit.tensors),
      metadata(inFile),
    );
    for (const tensor of layout.tensors) places.set(tensor.name, placement(name, tensor));
    return { name, header: layout.head, byteLength: layout.byteLength };
  });
  if (shards.length === 1 && !split.keepSplit) return { files, places };
  const text = shardIndexText(
    shards.map(({ name, tensors }) => ({ name, tensors: tensors.flatMap((unit) => unit.tensors) })),
  );
  const index = new TextEncoder().encode(text);
  return {
    files: shards.length === 1 ? files : [...files, { name: INDEX_NAME, header: index, byteLength: index.byteLength }],
    places,
  };
}

interface SizedUnit extends OutputUnit, TensorSpec {}

function assignShards(units: readonly OutputUnit[], split: OutputSplit): readonly PlannedShard<SizedUnit>[] {
  const sized = units.map((unit): SizedUnit => ({ ...unit, dtype: "U8", shape: [unitBytes(unit)] }));
  if (split.singleFile !== undefined) return [{ name: split.singleFile, tensors: sized }];
  return split.keepSplit ? keepSplit(sized, ({ shard }) => shard) : planShards(sized, split.maxShardBytes);
}

function unitBytes({ tensors }: OutputUnit): number {
  return tensors.reduce((sum, { dtype, shape }) => sum + (tensorByteLength(dtype, shape) as number), 0);
}

function placement(file: string, { byteOffset, byteLength }: PlacedTensor): Placement {
  return { file, byteOffset, byteLength };
}
