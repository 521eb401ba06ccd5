import { COMPILED_OPS, type KernelBackend } from "@lowbit/core/backend";
import type { ModuleLoaders } from "./load-variant.js";
import { openWasmBackend, type WasmBackendOptions } from "./wasm-backend.js";

export type { ModuleLoaders, WasmVariant } from "./load-variant.js";

/**
 * The WASM backend with all kernels of modules that the application ships as files of its own:
 * nothing of them is in the program's text, and only the variant that is taken is loaded.
 * @throws as `createWasmBackend`
 */
export function createWasmBackendOf(loaders: ModuleLoaders, options: WasmBackendOptions = {}): Promise<KernelBackend> {
  return openWasmBackend(loaders, COMPILED_OPS, options);
}
