import { LowbitError } from "@lowbit/core/errors";

export type WasmVariant = "scalar" | "simd128" | "relaxed-simd";

/** Best first. Bundlers make one chunk of each import, and only the chosen one is loaded and run. */
const VARIANTS: Readonly<Record<WasmVariant, () => Promise<{ readonly MODULE_BASE64: string }>>> = {
  "relaxed-simd": () => import("./generated/relaxed-simd.js"),
  simd128: () => import("./generated/simd128.js"),
  scalar: () => import("./generated/scalar.js"),
};

/** The instruction sets of WebAssembly in the order of preference. */
export const WASM_VARIANTS: readonly WasmVariant[] = Object.keys(VARIANTS) as WasmVariant[];

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

async function loadBytes(variant: WasmVariant): Promise<Uint8Array> {
  return decodeBase64((await VARIANTS[variant]()).MODULE_BASE64);
}

/**
 * The best variant whose bytes this host validates, or the one that is asked for. Nothing of a variant runs before the
 * host has validated it.
 * @throws `backend/unavailable` when the one asked for is unknown or not supported by this host.
 */
export async function loadVariant(wish: string | undefined): Promise<LoadedVariant> {
  if (wish !== undefined && !WASM_VARIANTS.includes(wish as WasmVariant)) {
    throw new LowbitError(
      "backend/unavailable",
      `"${wish}" is not an instruction set of the WASM backend; it has ${WASM_VARIANTS.join(", ")}.`,
      { backend: "wasm", asked: wish, built: WASM_VARIANTS },
    );
  }
  const candidates = wish === undefined ? WASM_VARIANTS : [wish as WasmVariant];
  for (const variant of candidates) {
    const bytes = await loadBytes(variant);
    if (WebAssembly.validate(bytes)) return { variant, bytes };
  }
  throw new LowbitError(
    "backend/unavailable",
    `This host does not support the WASM instruction set ${candidates.join(", ")}.`,
    { backend: "wasm", tried: candidates },
  );
}
