import { randomUUID } from "node:crypto";
import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { LowbitError } from "../errors/index.js";

/** A file that appears under its name only when it is complete. */
export interface AtomicFile {
  /** Writes all of `bytes` at `offset`; several writes may be under way at once. */
  write(offset: number, bytes: Uint8Array): Promise<void>;
  /** Waits until everything is on the disk, closes and renames: from now on the path has the new content. */
  commit(): Promise<void>;
  /** Removes what was written; the path is as it was before. Does nothing after `commit`. */
  abort(): Promise<void>;
}

/**
 * Opens a temporary file in the folder of `path`, so that the rename cannot cross devices.
 * @param byteLength size of the complete file, when tensors are to be written in any order
 * @throws `bytes/write-failed`
 */
export async function openAtomicFile(path: string, byteLength?: number): Promise<AtomicFile> {
  const temporaryPath = join(dirname(path), `.${basename(path)}.${randomUUID()}.partial`);
  const handle = await guard(path, () => open(temporaryPath, "wx"));
  let isOpen = true;
  const close = async (): Promise<void> => {
    isOpen = false;
    await handle.close();
  };
  const file: AtomicFile = {
    write: (offset, bytes) => guard(path, () => writeAt(handle, offset, bytes)),
    async commit() {
      try {
        await guard(path, async () => {
          await handle.sync();
          await close();
          await rename(temporaryPath, path);
        });
      } catch (error) {
        if (isOpen) await close();
        await unlink(temporaryPath);
        throw error;
      }
    },
    async abort() {
      if (!isOpen) return;
      await close();
      await guard(path, () => unlink(temporaryPath));
    },
  };
  if (byteLength === undefined) return file;
  try {
    await guard(path, () => handle.truncate(byteLength));
    return file;
  } catch (error) {
    await file.abort();
    throw error;
  }
}

/** Writes a small file so that the path never shows a part of it. @throws `bytes/write-failed` */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const file = await openAtomicFile(path);
  try {
    await file.write(0, typeof content === "string" ? new TextEncoder().encode(content) : content);
    await file.commit();
  } catch (error) {
    await file.abort();
    throw error;
  }
}

/** Linux writes at most 2^31 − 4096 bytes a call. */
const MAX_WRITE_BYTES = 2 ** 30;

async function writeAt(handle: FileHandle, offset: number, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.byteLength) {
    const length = Math.min(bytes.byteLength - done, MAX_WRITE_BYTES);
    done += (await handle.write(bytes, done, length, offset + done)).bytesWritten;
  }
}

async function guard<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? "unknown reason";
    throw new LowbitError("bytes/write-failed", `${path}: cannot be written (${reason}).`, { path, reason }, { cause });
  }
}
