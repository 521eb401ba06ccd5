import { DTYPES, type FloatDtype } from "../dtype/dtype-table.js";
import type { CheckpointTensor, TensorReader } from "../safetensors/checkpoint.js";
import { type ScanContext, throwIfAborted } from "./scan-context.js";

/** Elements `begin` … `end − 1` of a tensor in the order of the file. */
export interface ElementSpan {
  readonly begin: number;
  readonly end: number;
}

/** Sub-byte dtypes can be cut at multiples of this only: eight elements fill whole bytes at every width. */
const CUT = 8;

interface ByteSpan {
  readonly offset: number;
  readonly byteLength: number;
}

/**
 * Reads the spans one after another into memory of the backend and shows the bytes of each to `visit`; the next one is
 * read meanwhile. A view is valid during the call only.
 */
async function readByteSpans(
  checkpoint: TensorReader,
  tensor: CheckpointTensor,
  spans: readonly ByteSpan[],
  context: ScanContext,
  visit: (bytes: Uint8Array, index: number) => void,
): Promise<void> {
  const { backend, signal } = context;
  const capacity = spans.reduce((most, { byteLength }) => Math.max(most, byteLength), 0);
  const buffers = spans.slice(0, 2).map(() => backend.allocate(capacity));
  const options = signal ? { signal } : {};
  const readInto = async (index: number): Promise<Uint8Array> => {
    const { offset, byteLength } = spans[index]!;
    const bytes = buffers[index % 2]!.bytes().subarray(0, byteLength);
    await checkpoint.read(tensor, offset, bytes, options).catch((reason: unknown) => {
      if (bytes.byteLength === byteLength) throw reason;
    });
    return bytes;
  };
  const start = async (index: number): Promise<Uint8Array> => {
    for (;;) {
      throwIfAborted(signal);
      const bytes = await readInto(index);
      // A kernel call may have moved the memory of the backend meanwhile, which empties every view: read once more.
      if (bytes.byteLength === spans[index]!.byteLength) return bytes;
    }
  };
  let pending: Promise<Uint8Array> | undefined;
  try {
    if (spans.length > 0) pending = start(0);
    for (let index = 0; index < spans.length; index++) {
      const bytes = await pending!;
      throwIfAborted(signal);
      pending = index + 1 < spans.length ? start(index + 1) : undefined;
      visit(bytes, index);
      context.onProgress?.(bytes.byteLength);
    }
  } catch (reason) {
    // A failed read is reported as what it is, not as the abort that it may have come from.
    throwIfAborted(signal);
    throw reason;
  } finally {
    // A read that is still under way writes into a buffer: it must end before the buffer is given back.
    await pending?.catch(() => undefined);
    for (const buffer of buffers) buffer.release();
  }
}

/** The stored bytes of `span`, cut into blocks of at most `blockBytes`; `begin` must lie on a byte. */
export async function readByteBlocks(
  checkpoint: TensorReader,
  tensor: CheckpointTensor,
  span: ElementSpan,
  blockBytes: number,
  context: ScanContext,
  visit: (bytes: Uint8Array) => void,
): Promise<void> {
  const bits = DTYPES[tensor.dtype].bits;
  const begin = (span.begin * bits) / 8;
  const end = (span.end * bits) / 8;
  const spans: ByteSpan[] = [];
  for (let offset = begin; offset < end; offset += blockBytes) {
    spans.push({ offset, byteLength: Math.min(blockBytes, end - offset) });
  }
  await readByteSpans(checkpoint, tensor, spans, context, visit);
}

/**
 * The spans one after another as f32 (F64 rounded half to even, every other dtype exact) in memory of the backend.
 * A view is valid during the call only.
 */
export async function readFloatBlocks(
  checkpoint: TensorReader,
  tensor: CheckpointTensor & { readonly dtype: FloatDtype },
  spans: readonly ElementSpan[],
  context: ScanContext,
  visit: (values: Float32Array, index: number) => void,
): Promise<void> {
  const { backend } = context;
  const bits = DTYPES[tensor.dtype].bits;
  const total = (tensor.byteLength * 8) / bits;
  const cut = bits < 8 ? CUT : 1;
  const readable = spans.map(({ begin, end }) => ({
    begin: begin - (begin % cut),
    end: begin === end ? begin : Math.min(Math.ceil(end / cut) * cut, total),
  }));
  const byteSpans = readable.map(({ begin, end }) => ({
    offset: (begin * bits) / 8,
    byteLength: ((end - begin) * bits) / 8,
  }));
  const isF32 = tensor.dtype === "F32";
  const capacity = isF32 ? 0 : readable.reduce((most, { begin, end }) => Math.max(most, end - begin), 0);
  const decoded = backend.allocate(capacity * 4);
  try {
    await readByteSpans(checkpoint, tensor, byteSpans, context, (bytes, index) => {
      const { begin, end } = readable[index]!;
      const values = isF32 ? floatsIn(bytes) : decoded.floats().subarray(0, end - begin);
      if (!isF32) backend.decodeFloats(tensor.dtype, bytes, values);
      const span = spans[index]!;
      visit(values.subarray(span.begin - begin, span.end - begin), index);
    });
  } finally {
    decoded.release();
  }
}

/** Buffers of a backend are aligned, and every engine that runs JavaScript is little-endian like the file. */
function floatsIn(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}
