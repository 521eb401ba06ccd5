import type { OutputFiles } from "./output-files.js";
import type { OutputWriter } from "./output-writer.js";

export interface MemoryWriter extends OutputWriter {
  /** The files as they are now, headers included. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Writes output files into memory: all of it is allocated at once. */
export function createMemoryWriter({ files: laidOut }: Pick<OutputFiles, "files">): MemoryWriter {
  const files = new Map(
    laidOut.map(({ name, header, byteLength }) => {
      const bytes = new Uint8Array(byteLength);
      bytes.set(header);
      return [name, bytes] as const;
    }),
  );
  return {
    files,
    async write(file, byteOffset, bytes) {
      files.get(file)!.set(bytes, byteOffset);
    },
    async close() {},
  };
}
