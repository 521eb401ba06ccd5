import { type ErrorCode, isLowbitError } from "../errors/index.js";

const RESUMABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "pipeline/aborted",
  "calibration/aborted",
  "pipeline/write-failed",
  "pipeline/worker-failed",
  "bytes/short-read",
  "backend/out-of-memory",
]);

/**
 * Whether the same command can go on with what is complete; after any other error of ours it would fail again. Errors that
 * are not ours say nothing of it: what is there is kept.
 */
export function isResumable(error: unknown): boolean {
  return !isLowbitError(error) || RESUMABLE.has(error.code);
}
