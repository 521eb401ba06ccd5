import { DTYPES, type FloatDtype } from "../../dtype/dtype-table.js";
import { LowbitError } from "../../errors/index.js";
import type { PackedWeight } from "../../layouts/layout-writer.js";
import type { LogicalWeight, StoredQuantizedWeight } from "../../layouts/logical-weight.js";
import { weightTensors } from "../../layouts/lowbit/weight-tensors.js";
import { openWeight } from "../../layouts/read-weight.js";
import { throwIfAborted } from "../../pipeline/abort.js";
import { type ErrorSums, joinErrors, NO_ERROR } from "../../pipeline/error-sums.js";
import { rowChunks } from "../../pipeline/row-chunks.js";
import { weightErrors } from "../../pipeline/weight-errors.js";
import { matrixShape } from "../../tensor/matrix-shape.js";
import { termArray } from "../../terms/term-arrays.js";
import type { TensorBytesWriter } from "../plain-checkpoint.js";
import type { CheckpointConversion } from "./checkpoint-conversion.js";
import { packRequantized } from "./plan-conversion.js";
import type { PlannedWeight } from "./planned-weight.js";
import { readBack } from "./read-back.js";
import { decodeWhole, readValues, readWholeWeight } from "./whole-weight.js";

/** Bytes of one read and write of a tensor that is copied. */
const COPY_BYTES = 2 ** 22;

/** Writes the tensors of a weight. @returns the error, where values may have changed and it is measured */
export async function writeWeight(
  planned: PlannedWeight,
  conversion: CheckpointConversion,
  write: TensorBytesWriter,
): Promise<ErrorSums | undefined> {
  throwIfAborted(conversion.signal);
  const { weight, action } = planned;
  switch (action.kind) {
    case "keep":
      return copyTensors(weight, conversion, write);
    case "decode":
      return action.isTransposed
        ? writeTransposed(weight, action.dtype, conversion, write)
        : writeDecoded(weight, action.dtype, conversion, write);
    case "restate":
      return restate(weight as StoredQuantizedWeight, action.weight, write);
    case "pack":
      return pack(weight as StoredQuantizedWeight, action.type, conversion, write);
    case "requantize":
      return requantize(weight, action.type, conversion, write);
  }
}

async function copyTensors(
  weight: LogicalWeight,
  { checkpoint, signal }: CheckpointConversion,
  write: TensorBytesWriter,
): Promise<undefined> {
  for (const tensor of weight.tensors) {
    const buffer = new Uint8Array(Math.min(COPY_BYTES, tensor.byteLength));
    for (let offset = 0; offset < tensor.byteLength; offset += COPY_BYTES) {
      throwIfAborted(signal);
      const piece = buffer.subarray(0, Math.min(COPY_BYTES, tensor.byteLength - offset));
      await checkpoint.read(tensor, offset, piece);
      await write(tensor.name, offset, piece);
    }
  }
}

async function writeDecoded(
  weight: LogicalWeight,
  dtype: FloatDtype,
  { checkpoint, backend, measuresErrors, signal }: CheckpointConversion,
  write: TensorBytesWriter,
): Promise<ErrorSums | undefined> {
  const shape = matrixShape(weight.shape);
  const rowBytes = (shape.columns * DTYPES[dtype].bits) / 8;
  const rows = await openWeight(checkpoint, weight, backend);
  let errors = NO_ERROR;
  for (const { start, count } of rowChunks(shape)) {
    throwIfAborted(signal);
    const values = new Float32Array(count * shape.columns);
    await rows.read(start, start + count, values);
    const { bytes, stored } = encoded(weight.name, values, dtype, backend);
    if (measuresErrors) {
      errors = joinErrors(
        errors,
        shiftedErrors(start, { values, rows: count, columns: shape.columns }, stored, backend),
      );
    }
    await write(weight.name, start * rowBytes, bytes);
  }
  return measuresErrors ? errors : undefined;
}

/** Errors of rows `start` …, counted from the first row of the weight. */
function shiftedErrors(
  start: number,
  block: Parameters<typeof weightErrors>[0],
  approximation: Float32Array,
  backend: CheckpointConversion["backend"],
): ErrorSums {
  const sums = weightErrors(block, approximation, backend);
  return { ...sums, worstRows: sums.worstRows.map((worst) => ({ ...worst, row: worst.row + start })) };
}

/** @throws `pipeline/value-overflow` */
function encoded(
  name: string,
  values: Float32Array,
  dtype: FloatDtype,
  backend: CheckpointConversion["backend"],
): { readonly bytes: Uint8Array; readonly stored: Float32Array } {
  const bytes = new Uint8Array((values.length * DTYPES[dtype].bits) / 8);
  backend.encodeFloats(dtype, values, bytes);
  const stored = new Float32Array(values.length);
  if (backend.decodeFloats(dtype, bytes, stored) === 0) return { bytes, stored };
  throw new LowbitError("pipeline/value-overflow", `Weight "${name}": a value is not finite as ${dtype}.`, {
    weight: name,
    dtype,
  });
}

async function writeTransposed(
  weight: LogicalWeight,
  dtype: FloatDtype,
  { checkpoint, backend, measuresErrors }: CheckpointConversion,
  write: TensorBytesWriter,
): Promise<ErrorSums | undefined> {
  const { values, rows, columns } = await readValues(checkpoint, weight, backend);
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) turned[column * rows + row] = values[row * columns + column]!;
  }
  const { bytes, stored } = encoded(weight.name, turned, dtype, backend);
  await write(weight.name, 0, bytes);
  return measuresErrors ? weightErrors({ values: turned, rows: columns, columns: rows }, stored, backend) : undefined;
}

async function restate(
  weight: StoredQuantizedWeight,
  restated: Parameters<typeof weightTensors>[0],
  write: TensorBytesWriter,
): Promise<undefined> {
  const { terms, transforms } = await readWholeWeight(weight);
  for (const { name, part, index, array } of weightTensors(restated)) {
    const bytes = part === "terms" ? termArray(terms[index]!, array) : transforms[index]!.arrays[array]!;
    await write(name, 0, bytes);
  }
}

async function pack(
  weight: StoredQuantizedWeight,
  type: string | undefined,
  { target, backend, measuresErrors }: CheckpointConversion,
  write: TensorBytesWriter,
): Promise<ErrorSums | undefined> {
  if (target.kind !== "writer") return undefined;
  const whole = await readWholeWeight(weight);
  const packed = target.writer.pack(whole, type) as PackedWeight;
  await writeTensors(packed, write);
  if (packed.rounded === undefined || !measuresErrors) return undefined;
  const stored = await readBack(weight.name, packed, target.writer, backend);
  return weightErrors(decodeWhole(whole, backend), stored.values, backend);
}

async function requantize(
  weight: LogicalWeight,
  type: string,
  { target, checkpoint, backend, measuresErrors, targetName }: CheckpointConversion,
  write: TensorBytesWriter,
): Promise<ErrorSums | undefined> {
  if (target.kind !== "writer") return undefined;
  const block = await readValues(checkpoint, weight, backend);
  const packed = packRequantized(weight, block, target.writer, type, backend, targetName);
  await writeTensors(packed, write);
  if (!measuresErrors) return undefined;
  const stored = await readBack(weight.name, packed, target.writer, backend);
  return weightErrors(block, stored.values, backend);
}

async function writeTensors({ tensors }: PackedWeight, write: TensorBytesWriter): Promise<void> {
  for (const { name, data } of tensors) await write(name, 0, data);
}
