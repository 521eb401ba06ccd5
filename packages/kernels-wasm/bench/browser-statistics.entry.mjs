// What a page imports to show the header and the statistics of a checkpoint; its bundle has a budget (.size-limit.json).

export { tensorStatistics } from "@lowbit/core/analysis";
export { openHttpRangeSource } from "@lowbit/core/bytes";
export { openFile } from "@lowbit/core/safetensors";
export { createWasmInspectBackend } from "@lowbit/kernels-wasm/inspect";
