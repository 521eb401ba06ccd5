import { createReferenceBackend, selectBackend } from "@lowbit/core/backend";
import { createWasmBackendOf, type ModuleLoaders, type WasmVariant } from "@lowbit/kernels-wasm/modules";
import { backendText } from "./backend-text.js";
import type { EngineEnvironment } from "./environment.js";

/** @param kernels modules of the extension, which only the host can read; one that is missing is not tried */
export function webEnvironment(
  kernels: Promise<readonly { readonly variant: WasmVariant; readonly bytes: Uint8Array }[]>,
): EngineEnvironment {
  return {
    async createBackend({ backend }) {
      const modules = await kernels;
      const loaders: ModuleLoaders = Object.fromEntries(
        modules.map(({ variant, bytes }) => [variant, async () => bytes]),
      );
      const selected = await selectBackend(
        [
          { name: "wasm", create: () => createWasmBackendOf(loaders) },
          { name: "reference", create: createReferenceBackend },
        ],
        backend === "auto" || backend === "native" ? undefined : backend,
      );
      return { backend: selected.backend, description: backendText(selected) };
    },
  };
}
