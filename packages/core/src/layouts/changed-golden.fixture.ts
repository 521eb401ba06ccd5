import { createReferenceBackend } from "../backend/reference/reference-backend.js";
import { createMemorySource } from "../bytes/memory-source.js";
import { openFile } from "../safetensors/open-file.js";
import { type TensorData, writeSafetensors } from "../safetensors/write-safetensors.js";
import { type GoldenCase, goldenTensors } from "./golden-checkpoint.fixture.js";
import { openWeight } from "./read-weight.js";
import { recogniseWeights } from "./recognise.js";

/** A change of the tensors of a golden case. */
export type Change = (tensors: readonly TensorData[]) => readonly TensorData[];

/** Opens, recognises and reads a golden case after a change. */
export async function readChanged(
  golden: GoldenCase,
  change: Change,
  config: Readonly<Record<string, unknown>> | "no config" = golden.config,
): Promise<number[]> {
  const file = writeSafetensors(change(await goldenTensors(golden)));
  const checkpoint = await openFile(createMemorySource(file), config === "no config" ? {} : { config });
  const [weight] = recogniseWeights(checkpoint);
  const rows = await openWeight(checkpoint, weight!, createReferenceBackend());
  const values = new Float32Array(rows.rows * rows.columns);
  await rows.read(0, rows.rows, values);
  return [...values];
}

/** @param ending of the tensor's name: ".weight_scale" */
export function without(ending: string): Change {
  return (tensors) => tensors.filter(({ name }) => !name.endsWith(ending));
}

export function withTensor(ending: string, change: (tensor: TensorData) => Partial<TensorData>): Change {
  return (tensors) =>
    tensors.map((tensor) => (tensor.name.endsWith(ending) ? { ...tensor, ...change(tensor) } : tensor));
}

/** The first bytes of a tensor replaced. */
export function withBytes(ending: string, bytes: readonly number[]): Change {
  return withTensor(ending, ({ data }) => {
    const copy = data.slice();
    copy.set(bytes);
    return { data: copy };
  });
}

/** A tensor of zeros in place of another. */
export function resized(ending: string, dtype: TensorData["dtype"], shape: readonly number[], bytes: number): Change {
  return withTensor(ending, () => ({ dtype, shape, data: new Uint8Array(bytes) }));
}

export const unchanged: Change = (tensors) => tensors;
