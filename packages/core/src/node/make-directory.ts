import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Creates a directory and its missing parents; one that exists already is no error. Not `mkdir` with `recursive`: where
 * the file system answers ENOENT although the parent exists (/proc, some network mounts) that never returns.
 */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "EEXIST" && (await isDirectory(path))) return;
    const parent = dirname(path);
    if (code !== "ENOENT" || parent === path || (await isDirectory(parent))) throw cause;
    await makeDirectory(parent);
    await mkdir(path);
  }
}

function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
