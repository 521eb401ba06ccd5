import { INSPECT_OPS, type KernelBackend } from "@lowbit/core/backend";
import { openWasmBackend, type WasmBackendOptions } from "./wasm-backend.js";

/**
 * A WASM backend that only looks at models: decoding, statistics, histograms, outlier tiles, errors. A small
 * part of the download of `createWasmBackend`; every other op is borrowed from the reference (`borrowedOps`), hence slow.
 * Relaxed SIMD has nothing that these ops could use.
 * @throws `backend/unavailable` when the host supports no variant, or not the one asked for.
 */
export function createWasmInspectBackend(options: WasmBackendOptions = {}): Promise<KernelBackend> {
  const loaders = {
    simd128: () => import("./generated/inspect/simd128.js"),
    scalar: () => import("./generated/inspect/scalar.js"),
  };
  return openWasmBackend(loaders, INSPECT_OPS, options);
}
