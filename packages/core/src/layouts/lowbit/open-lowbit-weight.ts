import type { Checkpoint, CheckpointTensor } from "../../safetensors/checkpoint.js";
import { checkTransform, type InputTransform, type TransformLayout } from "../../terms/input-transform.js";
import type { ReadOptions, TermReader } from "../logical-weight.js";
import type { LowbitWeight } from "./lowbit-weight.js";
import { readWhole, type StoredArray } from "./stored-array.js";
import { openRows } from "./term-row-readers.js";
import { type WeightTensor, weightTensors } from "./weight-tensors.js";

/** Reads what all rows share once; rows are read when they are asked for. */
export async function openLowbitWeight(
  checkpoint: Checkpoint,
  weight: LowbitWeight,
  tensors: ReadonlyMap<string, CheckpointTensor>,
  options?: ReadOptions,
): Promise<TermReader> {
  const stored = weightTensors(weight).map((spec): StoredArray => ({ ...spec, tensor: tensors.get(spec.name)! }));
  const arraysOf = (part: WeightTensor["part"], index: number) =>
    stored.filter((array) => array.part === part && array.index === index);
  const transforms = await Promise.all(
    weight.transforms.map((layout, i) => readTransform(checkpoint, layout, arraysOf("transforms", i), options)),
  );
  const readers = await Promise.all(
    weight.terms.map((layout, i) => openRows(checkpoint, layout, arraysOf("terms", i), options)),
  );
  return {
    transforms,
    rows: (begin, end, rowOptions) => Promise.all(readers.map((read) => read(begin, end, rowOptions))),
  };
}

async function readTransform(
  checkpoint: Checkpoint,
  layout: TransformLayout,
  stored: readonly StoredArray[],
  options?: ReadOptions,
): Promise<InputTransform> {
  const transform = { layout, arrays: await readWhole(checkpoint, stored, options) };
  checkTransform(transform);
  return transform;
}
