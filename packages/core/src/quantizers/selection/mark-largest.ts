/** Values of 16 bits. */
const BUCKETS = 1 << 16;

/**
 * Marks exactly `count` elements: the largest, of equal ones those that come first. Time grows with the length alone: the
 * bits of floats that are not negative have the order of their values, so two histograms of 16 bits find the smallest
 * that is marked.
 * @param scores not negative, not NaN
 * @returns 1 where marked
 */
export function markLargest(scores: Float32Array, count: number): Uint8Array {
  const bits = new Uint32Array(scores.buffer, scores.byteOffset, scores.length);
  const upper = new Uint32Array(BUCKETS);
  for (let i = 0; i < bits.length; i++) upper[bits[i]! >>> 16]!++;
  const high = bucketOf(upper, count);
  const lower = new Uint32Array(BUCKETS);
  for (let i = 0; i < bits.length; i++) if (bits[i]! >>> 16 === high.bucket) lower[bits[i]! & 0xffff]!++;
  const low = bucketOf(lower, high.rest);
  const threshold = ((high.bucket << 16) | low.bucket) >>> 0;

  const marked = new Uint8Array(scores.length);
  let ties = low.rest;
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i]!;
    if (word > threshold || (word === threshold && ties-- > 0)) marked[i] = 1;
  }
  return marked;
}

/** The bucket in which the `count`th largest element lies, and how many of its elements are among the `count` largest. */
function bucketOf(histogram: Uint32Array, count: number): { bucket: number; rest: number } {
  let bucket = BUCKETS - 1;
  let rest = count;
  while (bucket > 0 && rest > histogram[bucket]!) rest -= histogram[bucket--]!;
  return { bucket, rest };
}
