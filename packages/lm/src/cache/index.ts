export {
  CACHE_GROUPINGS,
  CACHE_PRECISIONS,
  type CacheGrouping,
  type CachePrecision,
  checkCachePrecision,
} from "./cache-precision.js";
export {
  type CacheShape,
  createKeyValueCache,
  type KeyValueCache,
  type KeyValueCacheOptions,
} from "./key-value-cache.js";
