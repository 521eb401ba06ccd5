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
  return PARTS.flatMap((part) => checkpoint.tensor(`${module}.${part}`) ?? []);
}
