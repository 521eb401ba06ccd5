/** Output files of known sizes, written at any offset in any order. */
export interface OutputWriter {
  /** Writes all of `bytes`; they may be reused when the promise has resolved. */
  write(file: string, byteOffset: number, bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}
