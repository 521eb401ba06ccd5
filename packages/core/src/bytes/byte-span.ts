import { LowbitError } from "../errors/index.js";
import { isSafeCount } from "./checked-integers.js";

/** @throws `bytes/out-of-bounds` unless `[offset, offset + byteLength)` lies inside a source of `size` bytes. */
export function checkSpan(sourceName: string, size: number, offset: number, byteLength: number): void {
  if (isSafeCount(offset) && offset <= size && byteLength <= size - offset) return;
  throw new LowbitError(
    "bytes/out-of-bounds",
    `${sourceName}: ${byteLength} bytes from ${offset} on were asked for, but the source has ${size} bytes.`,
    { source: sourceName, offset, byteLength, size },
  );
}

/** The error of a source that ended at `found` of `byteLength` bytes. */
export function shortRead(sourceName: string, offset: number, byteLength: number, found: number): LowbitError {
  return new LowbitError(
    "bytes/short-read",
    `${sourceName}: ${byteLength} bytes from ${offset} on were asked for, but only ${found} came.`,
    { source: sourceName, offset, byteLength, found },
  );
}
