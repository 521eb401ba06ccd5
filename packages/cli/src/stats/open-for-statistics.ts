import type { BackendName, KernelBackend } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { decodedCheckpoint, type LogicalWeight, recogniseWeights } from "@lowbit/core/layouts";
import { openCheckpoint } from "@lowbit/core/node";
import type { Checkpoint, CheckpointTensor } from "@lowbit/core/safetensors";
import { openBackend } from "../create-backend.js";

export interface OpenedForStatistics {
  /** With quantized weights as tensors of their decoded values, unless what is stored was asked for. */
  readonly checkpoint: Checkpoint;
  readonly backend: KernelBackend;
  /** Empty where what is stored was asked for. */
  readonly quantized: ReadonlyMap<string, LogicalWeight>;
}

/** The caller closes checkpoint and backend. */
export async function openForStatistics(
  path: string,
  options: { readonly arrays?: boolean; readonly backend?: BackendName },
): Promise<OpenedForStatistics> {
  const stored = await openCheckpoint(path);
  try {
    const { backend } = await openBackend(options.backend);
    return { backend, ...valuesOf(stored, options.arrays ?? false, backend) };
  } catch (error) {
    await stored.close();
    throw error;
  }
}

/** Another checkpoint for a backend that is open; the caller closes it. */
export async function openValues(path: string, arrays: boolean, backend: KernelBackend): Promise<Checkpoint> {
  const stored = await openCheckpoint(path);
  try {
    return valuesOf(stored, arrays, backend).checkpoint;
  } catch (error) {
    await stored.close();
    throw error;
  }
}

function valuesOf(
  stored: Checkpoint,
  arrays: boolean,
  backend: KernelBackend,
): Pick<OpenedForStatistics, "checkpoint" | "quantized"> {
  const weights = arrays ? [] : recogniseWeights(stored);
  const quantized = new Map(weights.filter(({ kind }) => kind === "quantized").map((weight) => [weight.name, weight]));
  return { checkpoint: quantized.size > 0 ? decodedCheckpoint(stored, backend) : stored, quantized };
}

/** @throws `options/unknown-tensor`, `layouts/not-floats` for blocks that `--arrays` left as they are */
export function findTensor(checkpoint: Checkpoint, name: string): CheckpointTensor {
  const tensor = checkpoint.tensor(name);
  if (tensor?.blockType !== undefined) {
    throw new LowbitError(
      "layouts/not-floats",
      `"${name}" is stored in blocks of ${tensor.blockType}; leave out --arrays.`,
      { tensor: name, dtype: tensor.blockType },
    );
  }
  if (tensor) return tensor;
  const last = name.split(".").at(-2) ?? name;
  const similar = checkpoint.tensors.filter((candidate) => candidate.name.includes(last)).slice(0, 5);
  throw new LowbitError(
    "options/unknown-tensor",
    `${checkpoint.name} has no tensor "${name}"${similar.length > 0 ? `; similar: ${similar.map((found) => found.name).join(", ")}` : ""}.`,
    { tensor: name, similar: similar.map((found) => found.name) },
  );
}
