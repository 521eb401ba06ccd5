import { defineBackendConformance } from "@lowbit/kernels-conformance";
import { createWasmBackend, WASM_VARIANTS } from "./index.js";

for (const variant of WASM_VARIANTS) {
  defineBackendConformance(`wasm ${variant}`, () => createWasmBackend({ isa: variant }));
}
