import type { BackendBuffer, KernelBackend } from "../../backend/kernel-backend.js";
import type { RowBlock } from "../../tensor/row-block.js";

/**
 * Runs `loop` with the weights where the ops of the backend use them in place, and takes what it made of them back. Only
 * WebAssembly has a memory of its own, into which every call would copy the whole matrix otherwise, and back again.
 * @param loop gets the weights anew at every call of its argument: the memory moves when it grows
 */
export function inBackendMemory<T>(weights: RowBlock, backend: KernelBackend, loop: (current: () => RowBlock) => T): T {
  if (backend.name !== "wasm") return loop(() => weights);
  return withBuffer(backend, weights.values.byteLength, (buffer) => {
    const values = (): Float32Array => buffer.floats().subarray(0, weights.values.length);
    values().set(weights.values);
    const result = loop(() => ({ ...weights, values: values() }));
    weights.values.set(values());
    return result;
  });
}

/** The same for an array of bytes that starts with zeros; answers what is in it at the end. */
export function bytesInBackendMemory(
  length: number,
  backend: KernelBackend,
  loop: (current: () => Uint8Array) => void,
): Uint8Array {
  if (backend.name !== "wasm") {
    const bytes = new Uint8Array(length);
    loop(() => bytes);
    return bytes;
  }
  return withBuffer(backend, length, (buffer) => {
    buffer.bytes().fill(0);
    loop(() => buffer.bytes());
    return buffer.bytes().slice();
  });
}

function withBuffer<T>(backend: KernelBackend, byteLength: number, use: (buffer: BackendBuffer) => T): T {
  const buffer = backend.allocate(byteLength);
  try {
    return use(buffer);
  } finally {
    buffer.release();
  }
}
