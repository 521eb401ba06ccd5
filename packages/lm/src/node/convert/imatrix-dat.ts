import { LowbitError } from "@lowbit/core/errors";
import type { ImportanceEntry, ImportanceFile } from "./importance.js";

/** Longest name that ggml keeps, with room. */
const MOST_NAME_BYTES = 1024;

/**
 * llama.cpp's older importance matrix: a count of entries; for each the length of its name, the name, the number of calls, the
 * number of values and the values, Σ x² / tokens times calls; then the number of chunks and the name of the text.
 * @throws `convert/importance-file`
 */
export function parseImatrixDat(name: string, bytes: Uint8Array): ImportanceFile {
  const reader = new Reader(name, bytes);
  const count = reader.count("entries", 12);
  const entries = new Map<string, ImportanceEntry>();
  for (let entry = 0; entry < count; entry++) {
    const key = reader.text(reader.count("bytes of a name", 1, MOST_NAME_BYTES));
    const calls = reader.integer();
    const values = reader.floats(reader.count("values", 4));
    entries.set(key, { values: calls > 0 ? values.map((value) => value / calls) : values, matrices: 1 });
  }
  const chunks = reader.left >= 4 ? reader.integer() : 0;
  const datasets = reader.left >= 4 ? [reader.text(reader.count("bytes of a name", 1))] : [];
  return { entries, chunks, datasets };
}

class Reader {
  readonly #name: string;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  constructor(name: string, bytes: Uint8Array) {
    this.#name = name;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.byteLength - this.#position;
  }

  integer(): number {
    if (this.left < 4) throw this.#invalid(`it ends at byte ${this.#position}, in the middle of an entry`);
    const value = this.#view.getInt32(this.#position, true);
    this.#position += 4;
    return value;
  }

  /** A count of things of at least `leastBytes` each. */
  count(what: string, leastBytes: number, most: number = Number.POSITIVE_INFINITY): number {
    const found = this.integer();
    const room = Math.min(most, Math.floor(this.left / leastBytes));
    if (found >= 0 && found <= room) return found;
    throw this.#invalid(`it states ${found} ${what} at byte ${this.#position - 4}, but has room for ${room}`);
  }

  text(length: number): string {
    const text = new TextDecoder().decode(this.#bytes.subarray(this.#position, this.#position + length));
    this.#position += length;
    return text;
  }

  floats(count: number): Float32Array {
    const values = Float32Array.from({ length: count }, (_, i) => this.#view.getFloat32(this.#position + 4 * i, true));
    this.#position += 4 * count;
    return values;
  }

  #invalid(problem: string): LowbitError {
    return new LowbitError("convert/importance-file", `${this.#name} is no importance matrix: ${problem}.`, {
      file: this.#name,
      problem,
    });
  }
}
