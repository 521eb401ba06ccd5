import type { ByteSource } from "@lowbit/core/bytes";

/** A model as files that lie together, wherever that is: a folder, a server, memory. */
export interface ModelFiles {
  /** As people know it: the path or address. */
  readonly name: string;
  /** Plain name of the file that was opened; absent for a directory. */
  readonly main?: string;
  /** Plain names of the files that can be listed; a server's cannot. */
  list(): Promise<readonly string[]>;
  /** Opens a file by its plain name; undefined when there is none. */
  open(file: string): Promise<ByteSource | undefined>;
  /** Bytes of a file; undefined when there is none. */
  byteLength(file: string): Promise<number | undefined>;
  /** Equal texts: nothing has changed since. */
  version(): Promise<string>;
  /** The path, for what works on files of its own. */
  readonly path?: string;
}
