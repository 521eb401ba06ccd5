import type { KernelBackend } from "../backend/kernel-backend.js";
import { DTYPES, type FloatDtype, isFloatDtype } from "../dtype/dtype-table.js";
import { LowbitError } from "../errors/lowbit-error.js";
import type { Checkpoint } from "../safetensors/checkpoint.js";
import { quoteName } from "../safetensors/header-problem.js";
import { matrixShape } from "../tensor/matrix-shape.js";
import { decodeTerms } from "../terms/decode-terms.js";
import { foldTransforms } from "../terms/input-transform.js";
import type { LogicalWeight, PlainWeight, ReadOptions } from "./logical-weight.js";

/** Rows of a logical weight as f32, whatever holds it: plain values decoded, quantized ones dequantized. */
export interface WeightRows {
  readonly rows: number;
  readonly columns: number;
  /** Fills `target` [end − begin, columns] with rows `begin` … `end − 1`. */
  read(begin: number, end: number, target: Float32Array, options?: ReadOptions): Promise<void>;
}

/** @throws `layouts/not-floats` for a plain tensor of integers, booleans or complex numbers */
export async function openWeight(
  checkpoint: Checkpoint,
  weight: LogicalWeight,
  backend: KernelBackend,
  options?: ReadOptions,
): Promise<WeightRows> {
  const { rows, columns } = matrixShape(weight.shape);
  if (weight.kind === "plain") {
    const dtype = floatDtype(weight);
    return {
      rows,
      columns,
      read: (begin, end, target, readOptions) =>
        readPlainElements(checkpoint, weight, dtype, begin * columns, end * columns, target, backend, readOptions),
    };
  }
  const reader = await weight.open(options);
  return {
    rows,
    columns,
    async read(begin, end, target, readOptions) {
      decodeTerms(await reader.rows(begin, end, readOptions), target, backend);
      foldTransforms(reader.transforms, { values: target, rows: end - begin, columns }, backend);
    },
  };
}

function floatDtype({ name, dtype }: PlainWeight): FloatDtype {
  if (isFloatDtype(dtype)) return dtype;
  throw new LowbitError("layouts/not-floats", `Tensor ${quoteName(name)} is ${dtype}, which does not decode to f32.`, {
    tensor: name,
    dtype,
  });
}

/** Eight elements of any dtype fill whole bytes, so a read may start at every eighth element. */
const BYTE_STEP = 8;

async function readPlainElements(
  checkpoint: Checkpoint,
  weight: PlainWeight,
  dtype: FloatDtype,
  begin: number,
  end: number,
  target: Float32Array,
  backend: KernelBackend,
  options?: ReadOptions,
): Promise<void> {
  const { bits } = DTYPES[dtype];
  const lead = bits < 8 ? begin % BYTE_STEP : 0;
  const firstByte = ((begin - lead) * bits) / 8;
  const bytes = new Uint8Array(Math.ceil((end * bits) / 8) - firstByte);
  if (bytes.byteLength > 0) await checkpoint.read(weight.tensors[0]!, firstByte, bytes, options);
  if (lead === 0) {
    backend.decodeFloats(dtype, bytes, target);
  } else {
    const withLead = new Float32Array(lead + target.length);
    backend.decodeFloats(dtype, bytes, withLead);
    target.set(withLead.subarray(lead));
  }
}
