export type { LayerChoice, OriginalWeight } from "./layer-choice.js";
export { METHODS } from "./method-table.js";
export * from "./mixed-precision/index.js";
export type { MemoryPlan } from "./plan-memory.js";
export { type QuantizedLinear, quantizeBlock, quantizeLayer } from "./quantize-layer.js";
export { type LayerFigures, type QuantizedOriginal, quantizeWeight } from "./quantize-weight.js";
