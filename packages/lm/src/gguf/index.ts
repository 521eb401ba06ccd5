export { type ChooseTypesOptions, type ChosenType, chooseTypes, isBlockType } from "./choose-types.js";
export { type ExportMetadataOptions, exportMetadata } from "./export-metadata.js";
export { exportModel } from "./export-model.js";
export { type ExportRows, openExportRows, type StoredTerms } from "./export-rows.js";
export { fallbackType, fillsRows } from "./fallback-type.js";
export type { HuggingFaceConfig } from "./gguf-architecture.js";
export type {
  GgufExport,
  GgufExportSource,
  GgufExportTensor,
  GgufExportType,
  GgufTensorRole,
} from "./gguf-export.js";
export { fileTypeOf, GGUF_RECIPES, type GgufRecipe, ggufRecipe } from "./gguf-recipes.js";
export { type GgufOriginal, type HuggingFaceView, huggingFaceView } from "./hugging-face-view.js";
export { isTransposedInDirectory, modelDirectoryFiles } from "./model-directory-files.js";
export { openGgufSource } from "./open-gguf-source.js";
export { placeRows, type RowRun } from "./place-rows.js";
export { type RowOrder, sourceRow, sourceRows } from "./row-order.js";
export { type GgufTokenizerOptions, ggufTokenizerMetadata, tokenizerFilesFromGguf } from "./tokenizer/index.js";
