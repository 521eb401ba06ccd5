import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { isLowbitError, LowbitError } from "@lowbit/core/errors";
import { openFileSource } from "@lowbit/core/node";
import type { ModelFiles } from "../model/model-files.js";

/** A file with those beside it, or a directory. @throws `bytes/cannot-open` */
export async function pathFiles(path: string): Promise<ModelFiles> {
  const whole = resolve(path);
  const isDirectory = await stat(whole).then(
    (found) => found.isDirectory(),
    (cause: NodeJS.ErrnoException) => {
      const reason = cause.code ?? "unknown reason";
      throw new LowbitError("bytes/cannot-open", `${path}: cannot be opened (${reason}).`, { path, reason }, { cause });
    },
  );
  const folder = isDirectory ? whole : dirname(whole);
  // A name that a file states never leads out of the folder.
  const place = (file: string): string => join(folder, basename(file));
  const list = async (): Promise<string[]> => {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  };
  return {
    name: whole,
    path: whole,
    ...(!isDirectory && { main: basename(whole) }),
    list,
    version: async () => {
      const names = (await list()).filter((name) => /\.(safetensors|gguf|json)$/.test(name));
      const found = await Promise.all(names.map((name) => stat(place(name)).catch(() => undefined)));
      return names.map((name, index) => `${name} ${found[index]?.size} ${found[index]?.mtimeMs}`).join("\n");
    },
    open: (file) =>
      openFileSource(place(file)).catch((error: unknown) => {
        if (isLowbitError(error) && error.facts["reason"] === "ENOENT") return undefined;
        throw error;
      }),
    byteLength: (file) =>
      stat(place(file)).then(
        (found) => (found.isFile() ? found.size : undefined),
        () => undefined,
      ),
  };
}
