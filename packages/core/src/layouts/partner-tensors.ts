import type { Dtype } from "../dtype/dtype-table.js";
import { LowbitError } from "../errors/lowbit-error.js";
import type { Checkpoint, CheckpointTensor } from "../safetensors/checkpoint.js";
import { quoteName, showShape } from "../safetensors/header-problem.js";

/** @throws `layouts/missing-partner` when the checkpoint lacks `name`, which `weight` is stored in */
export function partner(checkpoint: Checkpoint, layout: string, weight: string, name: string): CheckpointTensor {
  const tensor = checkpoint.tensor(name);
  if (tensor !== undefined) return tensor;
  throw new LowbitError(
    "layouts/missing-partner",
    `The weight ${quoteName(weight)} is stored as ${layout}, but its tensor ${quoteName(name)} is not there.`,
    { layout, weight, tensor: name },
  );
}

/**
 * Checks dtype and shape of a tensor of a quantized weight.
 * @param shapes allowed shapes; undefined: any
 * @throws `layouts/wrong-tensor`
 */
export function checkPartner(
  layout: string,
  tensor: CheckpointTensor,
  dtypes: readonly Dtype[],
  shapes?: readonly (readonly number[])[],
): void {
  const fits = shapes?.some((shape) => sameShape(shape, tensor.shape)) ?? true;
  if (fits && dtypes.includes(tensor.dtype)) return;
  const allowed = `${dtypes.join(" or ")}${shapes === undefined ? "" : ` of shape ${shapes.map((shape) => `[${shape.join(", ")}]`).join(" or ")}`}`;
  throw wrongTensor(layout, tensor, allowed);
}

/** @param allowed what the layout takes: "I32 of shape [4, 8]" */
export function wrongTensor(layout: string, tensor: CheckpointTensor, allowed: string): LowbitError {
  const found = showShape(tensor.dtype, tensor.shape);
  return new LowbitError(
    "layouts/wrong-tensor",
    `Tensor ${quoteName(tensor.name)} of a weight that is stored as ${layout} is ${found}; it must be ${allowed}.`,
    { layout, tensor: tensor.name, found, allowed },
  );
}

/** @param problem continues "Tensor … of a weight that is stored as … ": "holds the code 3; codes are 0 to 2" */
export function wrongValue(layout: string, tensor: string, problem: string): LowbitError {
  return new LowbitError(
    "layouts/wrong-value",
    `Tensor ${quoteName(tensor)} of a weight that is stored as ${layout} ${problem}.`,
    { layout, tensor, problem },
  );
}

/**
 * Bytes of a tensor that was read when the checkpoint was opened because it says how the ones beside it are stored.
 * @throws `layouts/wrong-tensor` when it is too long to be one, or of another dtype
 */
export function description(checkpoint: Checkpoint, layout: string, tensor: CheckpointTensor): Uint8Array {
  const bytes = checkpoint.descriptions?.get(tensor.name);
  if (bytes === undefined) throw wrongTensor(layout, tensor, "U8, I32 or I64 of at most 4096 bytes");
  return bytes;
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}
