import { LowbitError } from "@lowbit/core/errors";

export type WasmVariant = "scalar" | "simd128" | "relaxed-simd";

/** The instruction sets of WebAssembly in the order of preference. */
export const WASM_VARIANTS: readonly WasmVariant[] = ["relaxed-simd", "simd128", "scalar"];

/**
 * Loads the module of a variant, of those that there are: its bytes, or the generated text of them. Bundlers make a chunk
 * of each import, and only the chosen one is loaded.
 */
export type ModuleLoaders = Readonly<
  Partial<Record<WasmVariant, () => Promise<Uint8Array | { readonly MODULE_BASE64: string }>>>
>;

export interface LoadedVariant {
  readonly variant: WasmVariant;
  readonly bytes: Uint8Array;
}

function decodeBase64(text: string): Uint8Array {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/**
 * The best variant whose bytes this host validates, or the one that is asked for. Nothing of a variant runs before the
 * host has validated it.
 * @throws `backend/unavailable` when the one asked for is unknown or not supported by this host.
 */
export async function loadVariant(loaders: ModuleLoaders, wish: string | undefined): Promise<LoadedVariant> {
  const built = WASM_VARIANTS.filter((variant) => loaders[variant] !== undefined);
  const candidates = wish === undefined ? built : built.filter((variant) => variant === wish);
  if (candidates.length === 0) {
    throw new LowbitError(
      "backend/unavailable",
      `"${wish}" is not an instruction set of the WASM backend; it has ${built.join(", ")}.`,
      { backend: "wasm", asked: wish ?? null, built },
    );
  }
  for (const variant of candidates) {
    const module = await loaders[variant]!();
    const bytes = module instanceof Uint8Array ? module : decodeBase64(module.MODULE_BASE64);
    if (WebAssembly.validate(bytes)) return { variant, bytes };
  }
  throw new LowbitError(
    "backend/unavailable",
    `This host does not support the WASM instruction set ${candidates.join(", ")}.`,
    { backend: "wasm", tried: candidates },
  );
}
