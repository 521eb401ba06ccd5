import { createMemorySource } from "@lowbit/core/bytes";
import type { ModelFiles } from "./model-files.js";

/** Files that the host has read from a file system that hands out whole files. */
export function memoryFiles(
  name: string,
  files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
): ModelFiles {
  const byName = new Map(files.map((file) => [file.name, file.bytes]));
  const main = name.split(/[\\/]/).at(-1)!;
  return {
    name,
    ...(byName.has(main) && { main }),
    list: async () => [...byName.keys()],
    async open(file) {
      const bytes = byName.get(file);
      return bytes === undefined ? undefined : createMemorySource(bytes, file);
    },
    version: async () => "",
    byteLength: async (file) => byName.get(file)?.byteLength,
  };
}
