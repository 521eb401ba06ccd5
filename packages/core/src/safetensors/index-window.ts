import type { ByteSource } from "../bytes/byte-source.js";
import { isLowbitError, LowbitError } from "../errors/index.js";
import { decodeAscii, JsonScanner } from "./json-scanner.js";

/** Bytes read at a time. */
const PIECE_BYTES = 2 ** 20;

/** One key with its value may be this long; far above any tensor name, far below memory. */
const MAX_ITEM_BYTES = 2 ** 22;

/**
 * A moving window over a JSON file. What is to be taken is tried on the bytes at hand; when they run out, the window
 * moves on, gets another piece, and the attempt starts again. Memory: the window, at most 5 MiB.
 */
export class IndexWindow {
  readonly #source: ByteSource;
  readonly #signal: AbortSignal | undefined;
  readonly #pieceBytes: number;
  /** Position in the file of the window's first byte. */
  #start = 0;
  #scanner: JsonScanner;

  constructor(source: ByteSource, signal: AbortSignal | undefined, pieceBytes: number = PIECE_BYTES) {
    this.#source = source;
    this.#signal = signal;
    this.#pieceBytes = pieceBytes;
    this.#scanner = this.#scan(new Uint8Array(0));
  }

  /** Takes what `attempt` reads. It may be called again from the same position and must have no other effect. */
  async take<T>(attempt: (scanner: JsonScanner) => T): Promise<T> {
    for (;;) {
      const position = this.#scanner.position;
      try {
        const value = attempt(this.#scanner);
        // A value that touches the end of the window may go on in the next piece ("12" of "123").
        if (this.#scanner.position < this.#scanner.bytes.byteLength || this.#atEnd()) return value;
      } catch (error) {
        if (!isLowbitError(error) || !this.#scanner.ranOut || this.#atEnd()) throw error;
      }
      await this.#moveTo(position);
    }
  }

  /** Takes items as long as the window has whole ones; false when an item said that it was the last. */
  async takeMany<Item extends { readonly goesOn: boolean }>(
    attempt: (scanner: JsonScanner) => Item,
    commit: (item: Item) => void,
  ): Promise<boolean> {
    const first = await this.take(attempt);
    commit(first);
    if (!first.goesOn) return false;
    for (;;) {
      const position = this.#scanner.position;
      try {
        const item = attempt(this.#scanner);
        if (this.#scanner.position >= this.#scanner.bytes.byteLength && !this.#atEnd()) {
          this.#scanner.position = position;
          return true;
        }
        commit(item);
        if (!item.goesOn) return false;
      } catch (error) {
        if (!isLowbitError(error) || !this.#scanner.ranOut || this.#atEnd()) throw error;
        this.#scanner.position = position;
        this.#scanner.ranOut = false;
        return true;
      }
    }
  }

  /** @throws `safetensors/index-json` unless only white space is left. */
  async expectEnd(): Promise<void> {
    await this.take((scanner) => {
      if (scanner.peek() >= 0) throw scanner.unexpected("the end of the index");
    });
  }

  #atEnd(): boolean {
    return this.#start + this.#scanner.bytes.byteLength >= this.#source.byteLength;
  }

  async #moveTo(position: number): Promise<void> {
    const kept = this.#scanner.bytes.subarray(position);
    if (kept.byteLength > MAX_ITEM_BYTES) {
      throw this.#fault(`one entry is longer than ${MAX_ITEM_BYTES} bytes`, position);
    }
    this.#start += position;
    // Never less than what is tried again, or a long item in small pieces would take quadratic time.
    const room = MAX_ITEM_BYTES + this.#pieceBytes - kept.byteLength;
    const wanted = Math.min(Math.max(this.#pieceBytes, kept.byteLength), room);
    const fresh = Math.min(wanted, this.#source.byteLength - this.#start - kept.byteLength);
    const bytes = new Uint8Array(kept.byteLength + fresh);
    bytes.set(kept);
    await this.#source.read(this.#start + kept.byteLength, bytes.subarray(kept.byteLength), {
      ...(this.#signal === undefined ? {} : { signal: this.#signal }),
    });
    this.#scanner = this.#scan(bytes);
  }

  #scan(bytes: Uint8Array): JsonScanner {
    const asciiText = decodeAscii(bytes);
    return new JsonScanner(bytes, 0, {
      ...(asciiText === undefined ? {} : { asciiText }),
      fail: (reason, position) => this.#fault(reason, position),
    });
  }

  #fault(reason: string, position: number): LowbitError {
    const source = this.#source.name;
    const byte = this.#start + position;
    return new LowbitError(
      "safetensors/index-json",
      `${source}: the index is not as expected: ${reason} (byte ${byte}).`,
      {
        source,
        byteOffset: byte,
        reason,
      },
    );
  }
}
