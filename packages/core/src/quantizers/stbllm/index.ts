export { adaptivePrune, outlierPercent } from "./adaptive-prune.js";
export { weightImportance } from "./importance.js";
export { type StbllmOptions, stbllm } from "./stbllm.js";
