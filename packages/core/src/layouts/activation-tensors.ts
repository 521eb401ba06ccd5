import type { Checkpoint, CheckpointTensor } from "../safetensors/checkpoint.js";

/** What says how activations are rounded: part of a quantized module, but not of the values of its weight. */
const PARTS = [
  "input_scale",
  "input_zero_point",
  "input_global_scale",
  "output_scale",
  "output_zero_point",
  "activation_scale",
] as const;

export function activationTensors(checkpoint: Checkpoint, module: string): readonly CheckpointTensor[] {
  return partsOf(checkpoint).flatMap((part) => checkpoint.tensor(`${module}.${part}`) ?? []);
}

const partsOfCheckpoint = new WeakMap<Checkpoint, readonly string[]>();

/** The parts that any module has, usually none: models of experts have 200 000 modules to ask for each. */
function partsOf(checkpoint: Checkpoint): readonly string[] {
  let parts = partsOfCheckpoint.get(checkpoint);
  if (parts === undefined) {
    const endings = new Set(checkpoint.tensors.map(({ name }) => name.slice(name.lastIndexOf(".") + 1)));
    parts = PARTS.filter((part) => endings.has(part));
    partsOfCheckpoint.set(checkpoint, parts);
  }
  return parts;
}
