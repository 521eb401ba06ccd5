import { COMPILED_OPS, type KernelBackend } from "@lowbit/core/backend";
import { openWasmBackend, type WasmBackendOptions } from "./wasm-backend.js";

/**
 * The WASM backend with all kernels: one thread, any host with WebAssembly.
 * @throws `backend/unavailable` when the host supports no variant, or not the one asked for; `backend/memory-size` for
 * `initialBytes` beyond 4 GiB, `backend/out-of-memory` when the host does not grant them.
 */
export function createWasmBackend(options: WasmBackendOptions = {}): Promise<KernelBackend> {
  const loaders = {
    "relaxed-simd": () => import("./generated/all/relaxed-simd.js"),
    simd128: () => import("./generated/all/simd128.js"),
    scalar: () => import("./generated/all/scalar.js"),
  };
  return openWasmBackend(loaders, COMPILED_OPS, options);
}
