import type { BackendBuffer, KernelBackend } from "../kernel-backend.js";
import { REFERENCE_OPS } from "./reference-ops.js";

/** A buffer in ordinary JavaScript memory, for backends that work on any typed array in place. */
export function allocateArrayBuffer(byteLength: number): BackendBuffer {
  const memory = new ArrayBuffer(Math.ceil(byteLength / 4) * 4);
  return {
    byteLength,
    bytes: () => new Uint8Array(memory, 0, byteLength),
    floats: () => new Float32Array(memory, 0, Math.floor(byteLength / 4)),
    release: () => {},
  };
}

/** The plain TypeScript backend: it defines what is correct and runs everywhere. */
export function createReferenceBackend(): KernelBackend {
  return {
    ...REFERENCE_OPS,
    name: "reference",
    isa: "typescript",
    threads: 1,
    borrowedOps: new Set(),
    allocate: allocateArrayBuffer,
    close: () => {},
  };
}
