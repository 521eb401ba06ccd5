import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { LowbitError } from "../errors/index.js";
import type { OutputWriter } from "../pipeline/output-writer.js";

/** Writes into files of `directory` that exist with their full size; each is opened when it is first written. */
export function createFileWriter(directory: string): OutputWriter {
  const handles = new Map<string, Promise<FileHandle>>();
  const handleOf = (file: string): Promise<FileHandle> => {
    let handle = handles.get(file);
    if (handle === undefined) {
      handle = open(join(directory, file), "r+");
      handles.set(file, handle);
    }
    return handle;
  };
  return {
    async write(file, byteOffset, bytes) {
      try {
        const handle = await handleOf(file);
        for (let done = 0; done < bytes.byteLength; ) {
          done += (await handle.write(bytes, done, bytes.byteLength - done, byteOffset + done)).bytesWritten;
        }
      } catch (cause) {
        throw writeFailed(join(directory, file), cause);
      }
    },
    async close() {
      const opened = await Promise.allSettled(handles.values());
      await Promise.all(opened.map((handle) => (handle.status === "fulfilled" ? handle.value.close() : undefined)));
      handles.clear();
    },
  };
}

export function writeFailed(path: string, cause: unknown): LowbitError {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new LowbitError(
    "pipeline/write-failed",
    `${path}: cannot be written (${reason}).`,
    { path, reason },
    { cause },
  );
}
