import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { LowbitError } from "@lowbit/core/errors";
import type { ModuleLoaders, WasmVariant } from "@lowbit/kernels-wasm/modules";

/** Variants that the extension ships, in `kernels/` beside the bundles. */
const SHIPPED_VARIANTS: readonly WasmVariant[] = ["relaxed-simd", "simd128"];

/** @param base URL of a bundle in dist/ */
export function wasmModules(base: string): ModuleLoaders {
  return Object.fromEntries(
    SHIPPED_VARIANTS.map((variant) => [variant, () => readModule(new URL(`./kernels/${variant}.wasm`, base))]),
  );
}

/** @throws `backend/unavailable` */
async function readModule(place: URL): Promise<Uint8Array> {
  const path = fileURLToPath(place);
  return readFile(path).catch((cause: unknown) => {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new LowbitError(
      "backend/unavailable",
      `The kernels of the extension cannot be read (${found}).`,
      { backend: "wasm", path },
      { cause },
    );
  });
}
