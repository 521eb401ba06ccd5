export { decodedCheckpoint, decodedTensor } from "./decoded-checkpoint.js";
export { describeStorage, describeTerm } from "./describe-storage.js";
export { type FittingLayout, fittingBlocks, fittingLayouts } from "./fitting-layouts.js";
export type { ClientConfig, LayoutRefusal, LayoutWriter, PackedWeight, WholeWeight } from "./layout-writer.js";
export { LAYOUT_WRITERS } from "./layout-writers.js";
export { type LogicalRow, logicalRow, logicalRows } from "./logical-rows.js";
export type {
  CheckpointLayout,
  LogicalWeight,
  PlainWeight,
  ReadOptions,
  StoredQuantizedWeight,
  TermReader,
} from "./logical-weight.js";
export { LOWBIT_FORMAT_VERSION, LOWBIT_METADATA_KEY, type LowbitWeight } from "./lowbit/lowbit-weight.js";
export { type LowbitQuantizationConfig, lowbitQuantizationConfig } from "./lowbit/quantization-config.js";
export { type HeaderTensor, readLowbitSchema } from "./lowbit/read-lowbit-schema.js";
export { arrayTensorName, type WeightTensor, weightTensors } from "./lowbit/weight-tensors.js";
export { type LowbitSchema, writeLowbitSchema } from "./lowbit/write-lowbit-schema.js";
export { QUANTIZATION_METHODS } from "./quantization-methods.js";
export { openWeight, type WeightRows } from "./read-weight.js";
export { CHECKPOINT_LAYOUTS, recogniseWeights } from "./recognise.js";
export { doesNotFit, EXPLAINED_WEIGHTS, type RefusedWeight } from "./refused-weights.js";
export { type ExpectedWeight, staticRefusal } from "./static-refusal.js";
export { storageName } from "./storage-name.js";
export { refuseUnreadMethod } from "./unread-method.js";
