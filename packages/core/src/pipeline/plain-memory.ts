import type { BackendBuffer, KernelBackend } from "../backend/kernel-backend.js";

/**
 * Memory outside every backend. Views on it stay valid when a backend's own memory grows, which other work on the same
 * backend may cause at any time; kernels that compute in a memory of their own copy blocks there and back.
 */
export const plainMemory: Pick<KernelBackend, "allocate"> = {
  allocate(byteLength): BackendBuffer {
    const bytes = new Uint8Array(byteLength);
    const floats = new Float32Array(bytes.buffer, 0, Math.floor(byteLength / 4));
    return { byteLength, bytes: () => bytes, floats: () => floats, release() {} };
  },
};
