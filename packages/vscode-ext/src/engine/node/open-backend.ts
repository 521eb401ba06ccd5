import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  type BackendName,
  createReferenceBackend,
  type KernelBackend,
  type SelectedBackend,
  selectBackend,
} from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { createWasmBackendOf } from "@lowbit/kernels-wasm/modules";
import { wasmModules } from "./wasm-modules.js";

/** Which backend a setting asks for; plain data, which crosses to worker threads. */
export interface BackendChoice {
  readonly wish: "auto" | BackendName;
  /** Directory in which `@lowbit/kernels-native` is installed, or the package itself. */
  readonly nativeKernelsPath?: string;
}

interface NativeModule {
  createNativeBackend(options: { readonly threads: number }): KernelBackend;
}

/**
 * The wished backend, or the first of native → wasm → reference that runs here, of one thread.
 * @param base URL of a bundle in dist/
 * @throws `backend/unavailable`
 */
export function openBackend(base: string, { wish, nativeKernelsPath }: BackendChoice): Promise<SelectedBackend> {
  return selectBackend(
    [
      {
        name: "native",
        create: async () => (await nativeModule(base, nativeKernelsPath)).createNativeBackend({ threads: 1 }),
      },
      { name: "wasm", create: () => createWasmBackendOf(wasmModules(base)) },
      { name: "reference", create: createReferenceBackend },
    ],
    wish === "auto" ? undefined : wish,
  );
}

/** @throws `backend/unavailable` where the package is not installed */
async function nativeModule(base: string, path: string | undefined): Promise<NativeModule> {
  const places =
    path === undefined
      ? [fileURLToPath(new URL("../node_modules/@lowbit/kernels-native", base))]
      : [path, join(path, "node_modules", "@lowbit", "kernels-native"), join(path, "@lowbit", "kernels-native")];
  const place = places.find((candidate) => existsSync(join(candidate, "dist", "index.js")));
  if (place !== undefined) return (await import(pathToFileURL(join(place, "dist", "index.js")).href)) as NativeModule;
  throw new LowbitError(
    "backend/unavailable",
    `@lowbit/kernels-native is not installed ${path === undefined ? "beside the extension" : `in ${path}`}.`,
    { backend: "native", tried: places },
  );
}
