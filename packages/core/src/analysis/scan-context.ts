import type { KernelBackend } from "../backend/kernel-backend.js";
import { LowbitError } from "../errors/index.js";

/** What every streaming analysis needs besides the tensor. */
export interface ScanContext {
  /** One scan at a time for a backend: blocks are read straight into its memory. */
  readonly backend: KernelBackend;
  readonly signal?: AbortSignal;
  /** Called after every block with the bytes that it had. */
  readonly onProgress?: (bytes: number) => void;
  /** Bytes of one block as stored; 512 KiB when absent. A scan holds two such blocks, and one of f32 where it decodes. */
  readonly blockByteLength?: number;
}

const DEFAULT_BLOCK_BYTES = 2 ** 19;

export function blockByteLength(context: Pick<ScanContext, "blockByteLength">): number {
  const bytes = context.blockByteLength ?? DEFAULT_BLOCK_BYTES;
  if (!Number.isInteger(bytes) || bytes < 64) {
    throw new LowbitError("analysis/invalid-option", `blockByteLength is ${bytes}; allowed are integers from 64 on.`, {
      blockByteLength: bytes,
    });
  }
  return bytes;
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new LowbitError("analysis/aborted", "The scan was cancelled.", {}, { cause: signal.reason });
}
