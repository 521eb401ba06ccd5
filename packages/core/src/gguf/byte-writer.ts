import { LowbitError } from "../errors/index.js";
import { quoteName } from "../safetensors/header-problem.js";

const LONE_SURROGATE = /\p{Surrogate}/u;
const ENCODER = new TextEncoder();

/** Little-endian bytes that grow as they are written. */
export class ByteWriter {
  #bytes = new Uint8Array(2 ** 12);
  #view = new DataView(this.#bytes.buffer);
  length = 0;

  uint32(value: number): void {
    const begin = this.#room(4);
    this.#view.setUint32(begin, value, true);
  }

  uint64(value: number): void {
    const begin = this.#room(8);
    this.#view.setBigUint64(begin, BigInt(value), true);
  }

  /** The lowest bytes of `value`, in two's complement. */
  integer(value: bigint, bytes: number): void {
    const begin = this.#room(bytes);
    for (let index = 0; index < bytes; index++) {
      this.#view.setUint8(begin + index, Number((value >> BigInt(8 * index)) & 0xffn));
    }
  }

  float(value: number, bytes: 4 | 8): void {
    const begin = this.#room(bytes);
    if (bytes === 4) this.#view.setFloat32(begin, value, true);
    else this.#view.setFloat64(begin, value, true);
  }

  /** Length and UTF-8. @throws `gguf/write-name` for half of a surrogate pair */
  text(value: string): void {
    if (LONE_SURROGATE.test(value)) {
      throw new LowbitError(
        "gguf/write-name",
        `The text ${quoteName(value)} holds half of a surrogate pair, which UTF-8 cannot store.`,
        { text: value.slice(0, 120) },
      );
    }
    const bytes = ENCODER.encode(value);
    this.uint64(bytes.byteLength);
    const begin = this.#room(bytes.byteLength);
    this.#bytes.set(bytes, begin);
  }

  /** What was written, with zeros up to a multiple of `alignment`. */
  padded(alignment: number): Uint8Array {
    const rest = this.length % alignment;
    if (rest > 0) this.#room(alignment - rest);
    return this.#bytes.slice(0, this.length);
  }

  /** Position of `count` more bytes. May replace the bytes and the view, so call it before either is used. */
  #room(count: number): number {
    const begin = this.length;
    this.length = begin + count;
    if (this.length > this.#bytes.byteLength) {
      const larger = new Uint8Array(Math.max(this.length, 2 * this.#bytes.byteLength));
      larger.set(this.#bytes.subarray(0, begin));
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return begin;
  }
}
