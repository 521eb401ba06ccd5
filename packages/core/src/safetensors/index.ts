export type { Checkpoint, CheckpointConfig, CheckpointTensor, TensorReader } from "./checkpoint.js";
export { DTYPE_ALIASES } from "./dtype-spelling.js";
export { type Header, MAX_HEADER_BYTES, parseHeader, readHeader, readHeaderBytes, validateHeader } from "./header.js";
export { tensorByteLength } from "./header-coverage.js";
export type { HeaderEntry } from "./header-entry.js";
export type { HeaderProblem, ProblemReport } from "./header-problem.js";
export { inNaturalOrder } from "./natural-order.js";
export { type OpenFileOptions, openFile } from "./open-file.js";
export { type OpenShardedOptions, type OpenShardSource, openSharded, openShards } from "./open-sharded.js";
export {
  INDEX_NAME,
  keepSplit,
  type PlannedShard,
  planShards,
  SINGLE_FILE_NAME,
  shardIndexText,
} from "./plan-shards.js";
export { readShardIndex, type ShardIndex } from "./shard-index.js";
export {
  type FileLayout,
  layOutFile,
  type PlacedTensor,
  type TensorData,
  type TensorSpec,
  writeSafetensors,
} from "./write-safetensors.js";
