/**
 * Integers of file headers. Everything stays in doubles below 2^53, which are exact; 32-bit operators (`|`, `>>`, `<<`)
 * are never used on offsets, because they wrap at 2 GiB.
 */

/** A size, count or offset that a double holds exactly. */
export function isSafeCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** The u64 at `offset`, little-endian; at most 2^64 − 1, so a bigint. */
export function readUint64(bytes: Uint8Array, offset: number): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(offset, true);
}

/** Writes `value`, a safe count, as a little-endian u64. */
export function writeUint64(bytes: Uint8Array, offset: number, value: number): void {
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).setBigUint64(offset, BigInt(value), true);
}

/** `value` as a number, or undefined where a double cannot hold it exactly. */
export function safeCount(value: bigint): number | undefined {
  return value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
}

/**
 * Product of safe counts, or undefined when it exceeds 2^53 − 1 on the way (an empty axis after an overflow does not
 * repair it). Doubles round, but a product of two safe counts above 2^53 − 1 never rounds to a safe integer below it.
 */
export function checkedProduct(factors: readonly number[]): number | undefined {
  let product = 1;
  for (const factor of factors) {
    product *= factor;
    if (product > Number.MAX_SAFE_INTEGER) return undefined;
  }
  return product;
}

/** The smallest multiple of `alignment` at or above `value`. */
export function alignUp(value: number, alignment: number): number {
  const rest = value % alignment;
  return rest === 0 ? value : value + (alignment - rest);
}
