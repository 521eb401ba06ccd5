import { LowbitError } from "../errors/index.js";

/**
 * A parser that runs on as many bytes as there are: it yields how many bytes from the start of the file it needs, and
 * goes on when they are at hand. One parser then reads memory, disks and servers.
 */
export type HeaderParser<T> = Generator<number, T, void>;

/** Bytes that a header may have; the largest vocabularies come to some 20 MB. */
export const MAX_GGUF_HEADER_BYTES: number = 2 ** 28;

/** Where a text stands in the header. */
export interface TextSpan {
  readonly begin: number;
  readonly end: number;
}

/** The header of a file as far as it was read, and a place in it. Nothing is asked for that the file cannot hold. */
export class HeaderCursor {
  readonly fileSize: number;
  position = 0;
  bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));

  constructor(fileSize: number) {
    this.fileSize = fileSize;
  }

  /** More of the same file; `bytes` begins at its start. */
  setBytes(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes of the file after the place. */
  get left(): number {
    return this.fileSize - this.position;
  }

  /** Waits for `count` bytes and steps over them. */
  *take(count: number, what: string): HeaderParser<number> {
    const begin = this.position;
    if (count > this.left) throw this.#pastEnd(count, what);
    if (begin + count > MAX_GGUF_HEADER_BYTES) throw this.#tooLarge(what);
    while (begin + count > this.bytes.byteLength) yield begin + count;
    this.position = begin + count;
    return begin;
  }

  *uint32(what: string): HeaderParser<number> {
    const begin = yield* this.take(4, what);
    return this.#view.getUint32(begin, true);
  }

  *uint64(what: string): HeaderParser<bigint> {
    const begin = yield* this.take(8, what);
    return this.#view.getBigUint64(begin, true);
  }

  /** The length of a text, which must fit into the file, and the text. */
  *text(what: string): HeaderParser<TextSpan> {
    const length = yield* this.uint64(what);
    if (length > BigInt(this.left)) throw this.#pastEnd(length, what);
    const begin = yield* this.take(Number(length), what);
    return { begin, end: this.position };
  }

  /** Steps over `count` texts. The loop waits only where bytes run out: vocabularies have 250 000 entries. */
  *skipTexts(count: number, what: string): HeaderParser<void> {
    for (let index = 0; index < count; index++) {
      const { position } = this;
      if (position + 8 <= this.bytes.byteLength) {
        const end = position + 8 + this.#view.getUint32(position, true);
        if (this.#view.getUint32(position + 4, true) === 0 && end <= this.bytes.byteLength) {
          this.position = end;
          continue;
        }
      }
      yield* this.text(what);
    }
  }

  /** @throws `gguf/text-utf8` */
  decode(span: TextSpan, what: string): string {
    return decodeText(this.bytes.subarray(span.begin, span.end), what, span.begin);
  }

  #pastEnd(count: number | bigint, what: string): LowbitError {
    return new LowbitError(
      "gguf/past-end",
      `${what} needs ${count} bytes from ${this.position} on, but the file ends after ${this.left}.`,
      { byteOffset: Math.min(this.position, this.fileSize - 1), found: String(count), available: this.left },
    );
  }

  #tooLarge(what: string): LowbitError {
    return new LowbitError(
      "gguf/header-too-large",
      `The header has more than ${MAX_GGUF_HEADER_BYTES} bytes, the most allowed; reached at ${what}.`,
      { byteOffset: this.position, allowed: MAX_GGUF_HEADER_BYTES },
    );
  }
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * @param byteOffset of the text in the file
 * @throws `gguf/text-utf8`
 */
export function decodeText(bytes: Uint8Array, what: string, byteOffset: number): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new LowbitError("gguf/text-utf8", `${what} is not valid UTF-8.`, { what, byteOffset });
  }
}
