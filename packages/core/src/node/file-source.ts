import { closeSync, constants, openSync, readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { ByteSource } from "../bytes/byte-source.js";
import { checkSpan, shortRead } from "../bytes/byte-span.js";
import { LowbitError } from "../errors/index.js";

/** Linux reads at most 2^31 − 4096 bytes a call; Node refuses lengths above 2^31 − 1. */
const MAX_READ_BYTES = 2 ** 30;

/** A pipe with the name of a file must be refused, not waited for; regular files are read as always. */
const READ_WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** A local file, read at positions, straight into the target. Several reads may be under way at once. */
export async function openFileSource(path: string): Promise<ByteSource> {
  let handle: FileHandle;
  try {
    handle = await open(path, READ_WITHOUT_WAITING);
  } catch (cause) {
    throw cannotOpen(path, cause);
  }
  const stat = await handle.stat();
  if (!stat.isFile()) {
    await handle.close();
    throw new LowbitError("bytes/cannot-open", `${path}: is not a regular file.`, { path });
  }
  const byteLength = stat.size;
  return {
    name: path,
    byteLength,
    async read(offset, target, options) {
      checkSpan(path, byteLength, offset, target.byteLength);
      let done = 0;
      while (done < target.byteLength) {
        options?.signal?.throwIfAborted();
        const length = Math.min(target.byteLength - done, MAX_READ_BYTES);
        const { bytesRead } = await handle.read(target, done, length, offset + done);
        if (bytesRead === 0) throw shortRead(path, offset, target.byteLength, done);
        done += bytesRead;
      }
      options?.signal?.throwIfAborted();
    },
    async close() {
      await handle.close();
    },
  };
}

/** A file read by blocking calls, for worker threads: no turn of the event loop per read. */
export interface SyncFileReader {
  /** Fills the whole of `target` from `offset` on. @throws `bytes/short-read` */
  read(offset: number, target: Uint8Array): void;
  close(): void;
}

/** Opens `path` for blocking reads. Pieces of 256 KiB to 1 MiB are fastest: they stay in cache. */
export function openSyncFileReader(path: string): SyncFileReader {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (cause) {
    throw cannotOpen(path, cause);
  }
  return {
    read(offset, target) {
      let done = 0;
      while (done < target.byteLength) {
        const length = Math.min(target.byteLength - done, MAX_READ_BYTES);
        const bytesRead = readSync(descriptor, target, done, length, offset + done);
        if (bytesRead === 0) throw shortRead(path, offset, target.byteLength, done);
        done += bytesRead;
      }
    },
    close() {
      closeSync(descriptor);
    },
  };
}

function cannotOpen(path: string, cause: unknown): LowbitError {
  const reason = (cause as NodeJS.ErrnoException).code ?? "unknown reason";
  return new LowbitError("bytes/cannot-open", `${path}: cannot be opened (${reason}).`, { path, reason }, { cause });
}
