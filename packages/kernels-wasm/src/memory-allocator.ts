/** Alignment of every span: a cache line, and four WASM vectors. */
const ALIGNMENT = 64;

interface Span {
  readonly begin: number;
  readonly byteLength: number;
}

function align(bytes: number): number {
  return Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT);
}

/**
 * Hands out spans of a linear memory: first fit in a list of free spans in ascending order, neighbours joined.
 * The list stays short: backends hold a few big buffers.
 */
export class MemoryAllocator {
  readonly #free: Span[] = [];
  readonly #lengths = new Map<number, number>();
  #end: number;

  /** `begin` is the first free byte of the memory. */
  constructor(begin: number) {
    this.#end = align(begin);
  }

  /** First byte above everything handed out so far: how large the memory must be. */
  get end(): number {
    return this.#end;
  }

  /** The start of a span of `byteLength` bytes; `end` may have grown. */
  allocate(byteLength: number): number {
    const length = align(byteLength);
    const index = this.#free.findIndex((span) => span.byteLength >= length);
    const span = this.#free[index];
    let begin = this.#end;
    if (span === undefined) {
      this.#end += length;
    } else {
      begin = span.begin;
      const rest = { begin: begin + length, byteLength: span.byteLength - length };
      this.#free.splice(index, 1, ...(rest.byteLength > 0 ? [rest] : []));
    }
    this.#lengths.set(begin, length);
    return begin;
  }

  /** Gives a span back; a second release of the same span does nothing. */
  release(begin: number): void {
    const byteLength = this.#lengths.get(begin);
    if (byteLength === undefined) return;
    this.#lengths.delete(begin);
    const index = this.#free.findIndex((span) => span.begin > begin);
    const at = index < 0 ? this.#free.length : index;
    this.#free.splice(at, 0, { begin, byteLength });
    this.#join(at);
    if (at > 0) this.#join(at - 1);
    const last = this.#free.at(-1);
    if (last !== undefined && last.begin + last.byteLength === this.#end) {
      this.#end = last.begin;
      this.#free.pop();
    }
  }

  /** Joins the free span `index` with the next one where they touch. */
  #join(index: number): void {
    const span = this.#free[index];
    const next = this.#free[index + 1];
    if (span === undefined || next === undefined || span.begin + span.byteLength !== next.begin) return;
    this.#free.splice(index, 2, { begin: span.begin, byteLength: span.byteLength + next.byteLength });
  }
}
