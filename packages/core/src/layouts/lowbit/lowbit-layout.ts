import type { Checkpoint, CheckpointTensor } from "../../safetensors/checkpoint.js";
import type { CheckpointLayout, StoredQuantizedWeight } from "../logical-weight.js";
import { LOWBIT_METADATA_KEY, type LowbitWeight } from "./lowbit-weight.js";
import { openLowbitWeight } from "./open-lowbit-weight.js";
import { readLowbitSchema } from "./read-lowbit-schema.js";
import { weightTensors } from "./weight-tensors.js";

/** Our own layout: terms as tensors, a schema in the metadata of every shard (docs/formats/lowbit.md). */
export const lowbitLayout: CheckpointLayout = {
  name: "lowbit",
  recognise(checkpoint) {
    if (![...checkpoint.metadata.values()].some((metadata) => Object.hasOwn(metadata, LOWBIT_METADATA_KEY))) return [];
    const tensorsOfShard = new Map(checkpoint.shards.map((shard) => [shard, new Map<string, CheckpointTensor>()]));
    for (const tensor of checkpoint.tensors) tensorsOfShard.get(tensor.shard)!.set(tensor.name, tensor);
    return [...checkpoint.metadata].flatMap(([shard, metadata]) => {
      const tensors = tensorsOfShard.get(shard)!;
      return readLowbitSchema(metadata, tensors).map((weight) => storedWeight(checkpoint, weight, tensors));
    });
  },
};

function storedWeight(
  checkpoint: Checkpoint,
  weight: LowbitWeight,
  shard: ReadonlyMap<string, CheckpointTensor>,
): StoredQuantizedWeight {
  const tensors = weightTensors(weight).map(({ name }) => shard.get(name)!);
  return {
    kind: "quantized",
    layout: "lowbit",
    ...weight,
    byteLength: tensors.reduce((sum, { byteLength }) => sum + byteLength, 0),
    tensors,
    open: (options) => openLowbitWeight(checkpoint, weight, shard, options),
  };
}
