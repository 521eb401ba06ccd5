import type { BackendBuffer, KernelBackend } from "../backend/kernel-backend.js";
import type { ErrorStatistics } from "../backend/ops/statistics-ops.js";

/** The largest needs over all tasks of a run. */
export interface WorkspaceSizes {
  /** Bytes of one block as stored in the input. */
  readonly rawBytes: number;
  /** Weights of one block. */
  readonly blockWeights: number;
  readonly blockRows: number;
  /** Bytes of the placed terms of one chunk. */
  readonly termBytes: number;
}

/** Views on the memory of one worker; all of it in one allocation of the backend, reused from chunk to chunk. */
export interface WorkspaceViews {
  /** Two, so that the next block is read while this one is computed. */
  readonly raw: readonly [Uint8Array, Uint8Array];
  readonly values: Float32Array;
  readonly approximation: Float32Array;
  readonly terms: Uint8Array;
  readonly errors: ErrorStatistics;
}

export interface Workspace {
  readonly byteLength: number;
  views(): WorkspaceViews;
  release(): void;
}

/** @param memory where it lies: the backend itself, whose kernels then copy nothing, or `plainMemory` */
export function createWorkspace(memory: Pick<KernelBackend, "allocate">, sizes: WorkspaceSizes): Workspace {
  const buffer: BackendBuffer = memory.allocate(workspaceByteLength(sizes));
  let views: WorkspaceViews | undefined;
  return {
    byteLength: buffer.byteLength,
    views() {
      // A backend may move its memory when it grows; the old views are detached then.
      if (views === undefined || views.values.buffer !== buffer.bytes().buffer) views = carve(buffer.bytes(), sizes);
      return views;
    },
    release: () => buffer.release(),
  };
}

/** Bytes that `createWorkspace` allocates. */
export function workspaceByteLength(sizes: WorkspaceSizes): number {
  return partLengths(sizes).reduce((sum, byteLength) => sum + aligned(byteLength), 0);
}

function partLengths({ rawBytes, blockWeights, blockRows, termBytes }: WorkspaceSizes): number[] {
  const doubles = 8 * blockRows;
  return [
    rawBytes,
    rawBytes,
    4 * blockWeights,
    4 * blockWeights,
    termBytes,
    doubles,
    doubles,
    doubles,
    doubles,
    4 * blockRows,
    4 * blockRows,
  ];
}

function carve(memory: Uint8Array, sizes: WorkspaceSizes): WorkspaceViews {
  let offset = 0;
  const parts = partLengths(sizes).map((byteLength) => {
    const part = memory.subarray(offset, offset + byteLength);
    offset += aligned(byteLength);
    return part;
  });
  const [first, second, values, approximation, terms, signal, noise, power, product, maximum, nonFinite] = parts as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  return {
    raw: [first, second],
    values: floats(values),
    approximation: floats(approximation),
    terms,
    errors: {
      signal: doubles(signal),
      noise: doubles(noise),
      approximationPower: doubles(power),
      product: doubles(product),
      maximum: floats(maximum),
      nonFiniteCount: new Uint32Array(nonFinite.buffer, nonFinite.byteOffset, nonFinite.byteLength / 4),
    },
  };
}

const aligned = (byteLength: number): number => Math.ceil(byteLength / 64) * 64;
const floats = (part: Uint8Array): Float32Array => new Float32Array(part.buffer, part.byteOffset, part.byteLength / 4);
const doubles = (part: Uint8Array): Float64Array => new Float64Array(part.buffer, part.byteOffset, part.byteLength / 8);
