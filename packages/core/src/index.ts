// The whole library except what needs Node (`@lowbit/core/node`). Every room is also an import of its own.
export * from "./analysis/index.js";
export * from "./backend/index.js";
export * from "./bytes/index.js";
export * from "./checkpoint/index.js";
export * from "./dtype/index.js";
export * from "./errors/index.js";
export * from "./layouts/index.js";
export * from "./pipeline/index.js";
export * from "./quantizers/index.js";
export * from "./safetensors/index.js";
export * from "./tensor/index.js";
export * from "./terms/index.js";
