export { type BlobLike, createBlobSource } from "./blob-source.js";
export { mapBounded } from "./bounded-reads.js";
export type { ByteSource } from "./byte-source.js";
export { checkSpan } from "./byte-span.js";
export { alignUp, checkedProduct, isSafeCount, readUint64, safeCount, writeUint64 } from "./checked-integers.js";
export {
  type FetchRange,
  type HttpRangeOptions,
  openHttpRangeSource,
  type RangeResponse,
} from "./http-range-source.js";
export { createMemorySource } from "./memory-source.js";
