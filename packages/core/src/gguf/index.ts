export { fileTypeName, GGUF_FILE_TYPES, type GgufFileType } from "./file-types.js";
export {
  type GgufCheckpoint,
  isGgufCheckpoint,
  type OpenGgufOptions,
  type OpenSplitSource,
  openGguf,
} from "./gguf-checkpoint.js";
export {
  DEFAULT_ALIGNMENT,
  GGUF_MAGIC,
  type GgufHeader,
  type GgufTensor,
  type ReadGgufOptions,
  readGgufHeader,
  validateGguf,
} from "./gguf-header.js";
export { type GgufPlainType, type GgufType, type GgufTypeName, ggmlTypes, ggufType, plainDtype } from "./gguf-types.js";
export {
  type GgufArray,
  type GgufMetadata,
  type GgufScalar,
  type GgufScalarType,
  type GgufValue,
  ggufArray,
} from "./gguf-value.js";
export { MAX_GGUF_HEADER_BYTES } from "./header-cursor.js";
export { type PlannedGgufFile, planGgufSplits } from "./plan-gguf-splits.js";
export { splitCounter, splitName } from "./split-name.js";
export {
  type GgufFileLayout,
  type GgufTensorData,
  type GgufTensorSpec,
  ggufTensorBytes,
  type LayOutGgufOptions,
  layOutGguf,
  type PlacedGgufTensor,
  writeGguf,
} from "./write-gguf.js";
