export { WASM_VARIANTS, type WasmVariant } from "./load-variant.js";
export { createWasmBackend, type WasmBackendOptions } from "./wasm-backend.js";
