import type { KernelBackend } from "../backend/kernel-backend.js";
import type { Checkpoint, CheckpointTensor } from "../safetensors/checkpoint.js";
import { matrixShape } from "../tensor/matrix-shape.js";
import type { LogicalWeight, StoredQuantizedWeight } from "./logical-weight.js";
import { openWeight, type WeightRows } from "./read-weight.js";
import { recogniseWeights } from "./recognise.js";

/** Weights kept open: what their rows share is read once. */
const OPEN_WEIGHTS = 8;

/** A weight as one tensor: a quantized one as F32 of its shape, whose bytes `decodedCheckpoint` makes. */
export function decodedTensor(weight: LogicalWeight): CheckpointTensor {
  if (weight.kind === "plain") return weight.tensors[0]!;
  const { name, shape, tensors } = weight;
  const { rows, columns } = matrixShape(shape);
  return { name, dtype: "F32", shape, shard: tensors[0]!.shard, byteOffset: 0, byteLength: 4 * rows * columns };
}

/**
 * The same checkpoint with every quantized weight as one F32 tensor under its own name, input transforms folded in: for
 * whatever looks at values. Rows are decoded when they are read.
 * @param weights those that it holds, of `recogniseWeights(checkpoint)`; all by default
 */
export function decodedCheckpoint(
  checkpoint: Checkpoint,
  backend: KernelBackend,
  weights: readonly LogicalWeight[] = recogniseWeights(checkpoint),
): Checkpoint {
  const tensors = weights.map(decodedTensor);
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const quantized = new Map(weights.filter(isQuantized).map((weight) => [weight.name, weight]));
  const opened = new Map<string, Promise<WeightRows>>();
  const open = (weight: StoredQuantizedWeight): Promise<WeightRows> => {
    const known = opened.get(weight.name);
    if (known !== undefined) return known;
    const rows = openWeight(checkpoint, weight, backend);
    opened.set(weight.name, rows);
    if (opened.size > OPEN_WEIGHTS) opened.delete(opened.keys().next().value!);
    return rows;
  };
  return {
    name: checkpoint.name,
    shards: checkpoint.shards,
    metadata: checkpoint.metadata,
    tensors,
    tensor: (name) => byName.get(name),
    async read(tensor, offset, target, options) {
      const weight = quantized.get(tensor.name);
      if (weight === undefined) return checkpoint.read(tensor, offset, target, options);
      await readDecoded(await open(weight), offset, target, options);
    },
    close: () => checkpoint.close(),
  };
}

function isQuantized(weight: LogicalWeight): weight is StoredQuantizedWeight {
  return weight.kind === "quantized";
}

/** Bytes of the F32 values from `offset` on; rows that are read in part are decoded whole. */
async function readDecoded(
  weight: WeightRows,
  offset: number,
  target: Uint8Array,
  options?: { readonly signal?: AbortSignal },
): Promise<void> {
  if (target.byteLength === 0) return;
  const rowBytes = 4 * weight.columns;
  const begin = Math.floor(offset / rowBytes);
  const end = Math.ceil((offset + target.byteLength) / rowBytes);
  if (target.byteLength === (end - begin) * rowBytes && target.byteOffset % 4 === 0) {
    // Whole rows are decoded in place: memory of the backend needs no copy then.
    const inPlace = new Float32Array(target.buffer, target.byteOffset, target.byteLength / 4);
    await weight.read(begin, end, inPlace, options);
    return;
  }
  const values = new Float32Array((end - begin) * weight.columns);
  await weight.read(begin, end, values, options);
  const first = offset - begin * rowBytes;
  target.set(new Uint8Array(values.buffer, first, target.byteLength));
}
