import { LowbitError } from "@lowbit/core/errors";

/** How keys and values are kept: as they are, as F16, or as affine codes of 8, 4 or 2 bits with F16 scales and minimums. */
export type CachePrecision = "f32" | "f16" | 8 | 4 | 2;

export const CACHE_PRECISIONS: readonly CachePrecision[] = ["f32", "f16", 8, 4, 2];

/**
 * What shares a scale. `token`: consecutive features of one token. `channel`: keys one feature of consecutive tokens, as
 * in KIVI (arXiv 2402.02750, section 3: keys have outlier channels, values have none); values as with `token`.
 */
export type CacheGrouping = "token" | "channel";

export const CACHE_GROUPINGS: readonly CacheGrouping[] = ["token", "channel"];

/** @throws `generate/invalid-option` */
export function checkCachePrecision(found: unknown): CachePrecision {
  const precision = CACHE_PRECISIONS.find((allowed) => allowed === found);
  if (precision !== undefined) return precision;
  throw new LowbitError(
    "generate/invalid-option",
    `The precision of the key/value cache is ${String(found)}; ${CACHE_PRECISIONS.join(", ")} are possible.`,
    { option: "precision", found: String(found), allowed: CACHE_PRECISIONS },
  );
}

/** @throws `generate/invalid-option` */
export function checkCacheGrouping(found: unknown): CacheGrouping {
  const grouping = CACHE_GROUPINGS.find((allowed) => allowed === found);
  if (grouping !== undefined) return grouping;
  throw new LowbitError(
    "generate/invalid-option",
    `The grouping of the key/value cache is ${String(found)}; ${CACHE_GROUPINGS.join(", ")} are possible.`,
    { option: "grouping", found: String(found), allowed: CACHE_GROUPINGS },
  );
}
