export { createWasmBackend } from "./create-wasm-backend.js";
export { WASM_VARIANTS, type WasmVariant } from "./load-variant.js";
export type { WasmBackendOptions } from "./wasm-backend.js";
