import type { KernelBackend } from "@lowbit/core/backend";
import { DTYPES, type Dtype } from "@lowbit/core/dtype";
import { LowbitError, showValue } from "@lowbit/core/errors";
import { openWeight, type PlainWeight } from "@lowbit/core/layouts";
import type { Checkpoint } from "@lowbit/core/safetensors";
import type { DenseLayout, ScaleDtype, Term } from "@lowbit/core/terms";
import { countNotFinite } from "./count-not-finite.js";
import type { MemorySpan, PartMemory } from "./part-memory.js";
import { eachSpan, READ_BYTES, type WeightFill } from "./weight-fill.js";

/** Where plain weights come from. */
export interface PlainReader {
  readonly checkpoint: Checkpoint;
  readonly backend: KernelBackend;
}

const DENSE_DTYPES: readonly Dtype[] = ["F16", "BF16", "F32"];

/** The storage dtype of a weight where a dense term holds it, F32 for all other floats. */
function denseDtype(dtype: Dtype): ScaleDtype {
  return DENSE_DTYPES.includes(dtype) ? (dtype as ScaleDtype) : "F32";
}

/** A plain matrix as one dense term. */
export function plainTerm(
  weight: PlainWeight,
  rows: number,
  columns: number,
  memory: PartMemory,
  reader: PlainReader,
): { readonly term: Term<DenseLayout>; readonly fill: WeightFill } {
  const valueDtype = denseDtype(weight.dtype);
  const span = memory.reserve((rows * columns * DTYPES[valueDtype].bits) / 8);
  const term = {
    layout: { kind: "dense", rows, columns, valueDtype },
    get arrays() {
      return { values: span.bytes() };
    },
  } as const;
  return {
    term,
    fill: () =>
      valueDtype === weight.dtype ? copyBytes(weight, valueDtype, span, reader) : decode(weight, span, reader),
  };
}

/** A vector as f32. */
export function plainVector(
  weight: PlainWeight,
  size: number,
  memory: PartMemory,
  reader: PlainReader,
): { readonly values: () => Float32Array; readonly fill: WeightFill } {
  const span = memory.reserve(size * Float32Array.BYTES_PER_ELEMENT);
  return { values: () => asFloats(span.bytes()), fill: () => decode(weight, span, reader) };
}

export function asFloats(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / Float32Array.BYTES_PER_ELEMENT);
}

async function copyBytes(weight: PlainWeight, dtype: ScaleDtype, span: MemorySpan, reader: PlainReader): Promise<void> {
  const staging = new Uint8Array(Math.min(READ_BYTES, weight.byteLength));
  await eachSpan(weight.byteLength, READ_BYTES, async (begin, end) => {
    const piece = staging.subarray(0, end - begin);
    await reader.checkpoint.read(weight.tensors[0]!, begin, piece);
    refuseNotFinite(weight.name, countNotFinite(dtype, piece));
    span.bytes().set(piece, begin);
  });
}

async function decode(weight: PlainWeight, span: MemorySpan, { checkpoint, backend }: PlainReader): Promise<void> {
  const { rows, columns, read } = await openWeight(checkpoint, weight, backend);
  const step = Math.max(1, Math.floor(READ_BYTES / 4 / columns));
  const staging = new Float32Array(Math.min(step, rows) * columns);
  await eachSpan(rows, step, async (begin, end) => {
    const piece = staging.subarray(0, (end - begin) * columns);
    await read(begin, end, piece);
    refuseNotFinite(weight.name, countNotFinite("F32", new Uint8Array(piece.buffer, 0, piece.byteLength)));
    asFloats(span.bytes()).set(piece, begin * columns);
  });
}

/** @throws `model/not-finite` */
export function refuseNotFinite(tensor: string, count: number): void {
  if (count === 0) return;
  throw new LowbitError(
    "model/not-finite",
    `Tensor ${showValue(tensor)} holds ${count} NaN or infinite values; weights are finite.`,
    {
      tensor,
      found: count,
      allowed: 0,
    },
  );
}
