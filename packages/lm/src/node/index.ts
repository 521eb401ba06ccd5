export { type CalibrateOptions, type CalibrateReport, calibrateModel } from "./calibrate-model.js";
export { checkStatisticsOutput } from "./check-statistics-output.js";
export { createDiskStore } from "./disk-activation-store.js";
export { loadModel, modelDirectory, openModel } from "./open-model.js";
export { openStatistics } from "./open-statistics.js";
export { openTokenizer } from "./open-tokenizer.js";
