import { packCodes } from "../../bitpack/pack-codes.js";
import { unpackCodes } from "../../bitpack/unpack-codes.js";
import type { Checkpoint, CheckpointTensor } from "../../safetensors/checkpoint.js";
import { writeU32 } from "../../terms/index-array.js";
import type { InputTransform, TransformLayout } from "../../terms/input-transform.js";
import type { ReadOptions } from "../logical-weight.js";
import { wrongValue } from "../partner-tensors.js";
import { readAll } from "../read-bytes.js";

/** Columns in the order of their groups: column c of the term is column `indices[c]` of the weight. */
export interface ColumnOrder {
  readonly indices: Uint32Array;
  /** One row of packed codes in that order. */
  sortCodes(bytes: Uint8Array, bits: number): Uint8Array;
}

/** The input transform of a weight whose columns belong to groups out of order. */
export function permutationLayout(columns: number): TransformLayout {
  return { kind: "permutation", columns };
}

export function actOrder({ indices }: ColumnOrder): InputTransform {
  const bytes = new Uint8Array(4 * indices.length);
  writeU32(indices, bytes);
  return { layout: permutationLayout(indices.length), arrays: { indices: bytes } };
}

/**
 * Reads the group of every column. −1 throughout, as a loader fills it in, means groups in order.
 * @throws `layouts/wrong-value` unless every group has as many columns as its scale stands for
 */
export async function readActOrder(
  checkpoint: Checkpoint,
  layout: string,
  tensor: CheckpointTensor,
  groupSize: number,
  options?: ReadOptions,
): Promise<ColumnOrder> {
  const bytes = await readAll(checkpoint, tensor, options);
  const view = new DataView(bytes.buffer);
  const step = tensor.dtype === "I64" ? 8 : 4;
  const groups = Array.from({ length: tensor.shape[0]! }, (_, i) =>
    step === 8 ? Number(view.getBigInt64(8 * i, true)) : view.getInt32(4 * i, true),
  );
  const indices = Uint32Array.from(groups.keys());
  if (groups.some((group) => group !== -1)) {
    indices.sort((a, b) => groups[a]! - groups[b]! || a - b);
    indices.forEach((column, place) => {
      const expected = Math.floor(place / groupSize);
      if (groups[column] === expected) return;
      throw wrongValue(
        layout,
        tensor.name,
        `puts column ${column} into group ${groups[column]}; in the order of groups it is column ${place}, which has the scale of group ${expected}`,
      );
    });
  }
  return { indices, sortCodes: (row, bits) => sortCodes(row, bits, indices) };
}

function sortCodes(row: Uint8Array, bits: number, indices: Uint32Array): Uint8Array {
  const codes = new Uint8Array(indices.length);
  unpackCodes(row, bits, indices.length, codes);
  const sorted = new Uint8Array(row.byteLength);
  packCodes(
    Uint8Array.from(indices, (column) => codes[column]!),
    bits,
    sorted,
  );
  return sorted;
}
