import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LowbitError } from "@lowbit/core/errors";
import type { ActivationStore, StoreShape } from "../calibration/activation-store.js";

const FLOAT = Float32Array.BYTES_PER_ELEMENT;

/**
 * Activations in a file of a new folder below `directory`; `close` removes both.
 * @throws `pipeline/write-failed` when the file cannot be made or is full
 */
export async function createDiskStore(shape: StoreShape, directory: string = tmpdir()): Promise<ActivationStore> {
  const folder = await failing(directory, () => mkdtemp(join(directory, "lowbit-activations-")));
  const path = join(folder, "activations");
  let file: FileHandle;
  try {
    file = await failing(path, () => open(path, "wx+"));
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  const sampleValues = shape.length * shape.columns;
  let read = new Float32Array(0);
  return {
    ...shape,
    async read(first, count) {
      if (read.length !== count * sampleValues) read = new Float32Array(count * sampleValues);
      const bytes = new Uint8Array(read.buffer);
      const begin = first * sampleValues * FLOAT;
      for (let done = 0; done < bytes.length; ) {
        const { bytesRead } = await file.read(bytes, done, bytes.length - done, begin + done);
        if (bytesRead === 0) {
          throw new LowbitError("bytes/short-read", `${path}: ends before sample ${first + count}.`, { path, first });
        }
        done += bytesRead;
      }
      return read;
    },
    async write(first, values) {
      // A copy: memory of a backend may move while the file is written.
      const bytes = new Uint8Array(values.slice().buffer);
      const begin = first * sampleValues * FLOAT;
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await failing(path, () => file.write(bytes, done, bytes.length - done, begin + done));
        done += bytesWritten;
      }
    },
    async close() {
      await file.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function failing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new LowbitError(
      "pipeline/write-failed",
      `${path}: cannot be written (${reason}).`,
      { path, reason },
      { cause },
    );
  }
}
