import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { writeFailed } from "./file-writer.js";

/**
 * Writes a file that fits in memory so that the path never shows a part of it: into a temporary file of the same folder
 * (a rename does not cross devices), onto the disk, then renamed. On failure the path is as it was and nothing is left.
 * @throws `pipeline/write-failed`
 */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const temporaryPath = join(dirname(path), `.${basename(path)}.${randomUUID()}.partial`);
  try {
    const handle = await open(temporaryPath, "wx");
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporaryPath, path);
  } catch (cause) {
    await rm(temporaryPath, { force: true });
    throw writeFailed(path, cause);
  }
}
