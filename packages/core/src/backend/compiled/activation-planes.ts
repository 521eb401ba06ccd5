import { groupCount } from "../../terms/granularity.js";
import type { Activations, Int8Activations } from "../ops/multiply-ops.js";
import { type KernelCaller, output } from "./kernel-caller.js";

/** Planes start at multiples of this many elements (`PLANE_ALIGN` of int8_sums.h). */
const PLANE_ALIGN = 64;
const ALIGNMENT = 64;

/** How codes lie in memory, as far as kernels care. */
export interface CodeShape {
  /** Bits of a code; 0 for codes that are not in fields of a byte. */
  readonly bits: number;
  /** Columns that the codes of a row stand for. */
  readonly columns: number;
  readonly groupSize: number;
}

/** Activations as the kernels take them. Call it anew for every kernel call: see `KernelCaller.scratch`. */
export type Operands<A> = () => {
  readonly x: A;
  /** One plane a field of a byte; null where the codes have no fast path. */
  readonly planes: A | null;
  /** Per token and group: Σ x. */
  readonly sums: Int32Array | Float32Array;
};

/** Fields of a byte when codes are 1, 2, 4 or 8 bits and groups are multiples of 16 bytes or whole rows; else 0. */
function fieldsOf({ bits, columns, groupSize }: CodeShape): number {
  if (bits !== 1 && bits !== 2 && bits !== 4 && bits !== 8) return 0;
  return groupSize >= columns || (groupSize * bits) % 128 === 0 ? 8 / bits : 0;
}

export function int8Operands(
  kernels: KernelCaller,
  { codes, tokens }: Int8Activations,
  shape: CodeShape,
): Operands<Int8Array> {
  const fields = fieldsOf(shape);
  const spans = divide(kernels, sumBytes(tokens, shape), tokens * planeLength(fields, shape));
  const operands = () => {
    const [sums, planes] = spans();
    return {
      x: codes,
      planes: fields > 0 ? new Int8Array(planes.buffer, planes.byteOffset, planes.byteLength) : null,
      sums: new Int32Array(sums.buffer, sums.byteOffset, sums.byteLength / 4),
    };
  };
  kernels.call("int8_group_sums", codes, tokens, shape.columns, shape.groupSize, output(operands().sums));
  if (fields > 0) kernels.call("int8_planes", codes, tokens, shape.columns, fields, output(operands().planes!));
  return operands;
}

/** Activations as the kernels of f32 products take them, valid until the next call. */
export interface FloatOperands {
  /** Of codes of 8 bits f32, of less bits int8 digits; null where the codes or the values have no fast path. */
  readonly planes: Float32Array | Int8Array | null;
  /** Of the digits, per token and group; null for f32 planes. */
  readonly scale: Float32Array | null;
  readonly sums: Float32Array | null;
}

const NO_PLANES: FloatOperands = { planes: null, scale: null, sums: null };
/** `DIGITS` of digit_rows.h. */
const DIGITS = 3;

export function floatOperands(kernels: KernelCaller, x: Activations, shape: CodeShape): FloatOperands {
  const fields = fieldsOf(shape);
  if (fields === 0 || shape.columns === 0) return NO_PLANES;
  return fields === 1 ? floatPlanes(kernels, x, shape) : digitPlanes(kernels, x, shape, fields);
}

function floatPlanes(kernels: KernelCaller, { values, tokens }: Activations, shape: CodeShape): FloatOperands {
  const spans = divide(kernels, 4 * tokens * planeLength(1, shape), sumBytes(tokens, shape));
  const operands = () => {
    const [planes, sums] = spans();
    return { planes: floats(planes), scale: null, sums: floats(sums) };
  };
  kernels.call("float_group_sums", values, tokens, shape.columns, shape.groupSize, output(operands().sums));
  kernels.call("float_planes", values, tokens, shape.columns, 1, output(operands().planes));
  return operands();
}

function digitPlanes(
  kernels: KernelCaller,
  { values, tokens }: Activations,
  shape: CodeShape,
  fields: number,
): FloatOperands {
  const { columns, groupSize } = shape;
  const numbers = tokens * DIGITS;
  const sumLength = sumBytes(tokens, shape);
  const spans = divide(kernels, numbers * planeLength(fields, shape), numbers * columns, sumLength, sumLength);
  const operands = () => {
    const [planes, digits, scale, sums] = spans();
    return { planes: int8(planes), digits: int8(digits), scale: floats(scale), sums: floats(sums) };
  };
  const { digits, scale, sums } = operands();
  const exist = kernels.call(
    "float_digits",
    values,
    tokens,
    columns,
    groupSize,
    output(digits),
    output(scale),
    output(sums),
  );
  if (exist === 0) return NO_PLANES;
  const { digits: given, planes } = operands();
  kernels.call("int8_planes", given, numbers, columns, fields, output(planes));
  return operands();
}

function floats({ buffer, byteOffset, byteLength }: Uint8Array): Float32Array {
  return new Float32Array(buffer, byteOffset, byteLength / 4);
}

function int8({ buffer, byteOffset, byteLength }: Uint8Array): Int8Array {
  return new Int8Array(buffer, byteOffset, byteLength);
}

function sumBytes(tokens: number, { columns, groupSize }: CodeShape): number {
  return 4 * tokens * groupCount(columns, groupSize);
}

/** Elements of all planes of a token. */
function planeLength(fields: number, { columns }: CodeShape): number {
  return fields === 0 ? 0 : fields * Math.ceil(Math.ceil(columns / fields) / PLANE_ALIGN) * PLANE_ALIGN;
}

/** Scratch memory in parts of these lengths, each aligned. */
function divide<const Lengths extends readonly number[]>(
  kernels: KernelCaller,
  ...lengths: Lengths
): () => { [K in keyof Lengths]: Uint8Array } {
  let end = 0;
  const begins = lengths.map((length) => {
    const begin = end;
    end += Math.ceil(length / ALIGNMENT) * ALIGNMENT;
    return begin;
  });
  return () => {
    const scratch = kernels.scratch(end);
    return begins.map((begin, i) => scratch.subarray(begin, begin + lengths[i]!)) as {
      [K in keyof Lengths]: Uint8Array;
    };
  };
}
