/**
 * Anything that can be read at an offset: memory, a Blob, a local file, a URL with range requests.
 *
 * Reads go straight into `target`, which may be a view on backend memory; several reads may be under way at once.
 */
export interface ByteSource {
  /** Shown in errors: a path, a URL, or "memory". */
  readonly name: string;
  /** Total size in bytes, known when the source is opened. */
  readonly byteLength: number;
  /**
   * Fills the whole of `target` with the bytes from `offset` on.
   * @throws `bytes/out-of-bounds` when the span does not lie inside the source, `bytes/short-read` when it ends early.
   */
  read(offset: number, target: Uint8Array, options?: { readonly signal?: AbortSignal }): Promise<void>;
  close(): Promise<void>;
}
