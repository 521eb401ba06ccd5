import { INSPECT_OPS } from "@lowbit/core/backend";
import { defineBackendConformance } from "@lowbit/kernels-conformance";
import { createWasmBackend, WASM_VARIANTS } from "./index.js";
import { createWasmInspectBackend } from "./inspect.js";

for (const variant of WASM_VARIANTS) {
  defineBackendConformance(`wasm ${variant}`, () => createWasmBackend({ isa: variant }));
}
defineBackendConformance("wasm inspect", () => createWasmInspectBackend(), Object.keys(INSPECT_OPS));
