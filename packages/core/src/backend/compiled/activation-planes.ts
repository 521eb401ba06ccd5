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

export function floatOperands(
  kernels: KernelCaller,
  { values, tokens }: Activations,
  shape: CodeShape,
): Operands<Float32Array> {
  const fields = fieldsOf(shape);
  const spans = divide(kernels, sumBytes(tokens, shape), 4 * tokens * planeLength(fields, shape));
  const operands = () => {
    const [sums, planes] = spans();
    return {
      x: values,
      planes: fields > 0 ? new Float32Array(planes.buffer, planes.byteOffset, planes.byteLength / 4) : null,
      sums: new Float32Array(sums.buffer, sums.byteOffset, sums.byteLength / 4),
    };
  };
  if (fields === 0) return operands;
  kernels.call("float_group_sums", values, tokens, shape.columns, shape.groupSize, output(operands().sums));
  kernels.call("float_planes", values, tokens, shape.columns, fields, output(operands().planes!));
  return operands;
}

function sumBytes(tokens: number, { columns, groupSize }: CodeShape): number {
  return 4 * tokens * groupCount(columns, groupSize);
}

/** Elements of all planes of a token. */
function planeLength(fields: number, { columns }: CodeShape): number {
  return fields === 0 ? 0 : fields * Math.ceil(Math.ceil(columns / fields) / PLANE_ALIGN) * PLANE_ALIGN;
}

/** Scratch memory in two parts, each aligned. */
function divide(kernels: KernelCaller, first: number, second: number): () => [Uint8Array, Uint8Array] {
  const begin = Math.ceil(first / ALIGNMENT) * ALIGNMENT;
  return () => {
    const scratch = kernels.scratch(begin + second);
    return [scratch.subarray(0, first), scratch.subarray(begin, begin + second)];
  };
}
