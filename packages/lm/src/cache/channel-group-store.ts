import type { BackendBuffer } from "@lowbit/core/backend";
import { termRows } from "@lowbit/core/terms";
import { FloatStore } from "./float-store.js";
import { StoredTerm } from "./stored-term.js";
import type { StoreShape, VectorStore } from "./vector-store.js";

/**
 * Affine codes, a scale and a minimum for every feature of `groupTokens` consecutive tokens (the keys of KIVI, arXiv
 * 2402.02750). A group is coded when it is full; until then its tokens stay f32.
 *
 * Row (sequence, group, feature) of the term has the tokens of that group as its columns.
 */
export class ChannelGroupStore implements VectorStore {
  readonly #shape: StoreShape;
  readonly #groupTokens: number;
  /** Groups for which a sequence has room. */
  readonly #groups: number;
  readonly #stored: StoredTerm;
  /** The tokens of the group that is not full, [sequences · groupTokens, width]. */
  readonly #newest: FloatStore;
  /** One group, features × tokens. */
  readonly #turned: BackendBuffer;

  constructor(shape: StoreShape, bits: number, groupTokens: number) {
    const { backend, sequences, capacity, width } = shape;
    this.#shape = shape;
    this.#groupTokens = groupTokens;
    this.#groups = Math.floor(capacity / groupTokens);
    this.#newest = new FloatStore({ ...shape, capacity: groupTokens });
    this.#turned = backend.allocate(4 * groupTokens * width);
    this.#stored = new StoredTerm(
      {
        kind: "affine",
        rows: sequences * this.#groups * width,
        columns: groupTokens,
        bits,
        zero: "minimum",
        granularity: "row",
        groupSize: groupTokens,
        scaleDtype: "F16",
      },
      backend,
    );
  }

  get byteLength(): number {
    return this.#stored.byteLength + this.#newest.byteLength + this.#turned.byteLength;
  }

  append(rows: Float32Array, length: number, count: number): void {
    const { sequences, width } = this.#shape;
    const groupTokens = this.#groupTokens;
    for (let done = 0; done < count; ) {
      const inGroup = (length + done) % groupTokens;
      const taken = Math.min(groupTokens - inGroup, count - done);
      const newest = this.#newest.values();
      for (let s = 0; s < sequences; s++) {
        const begin = (s * count + done) * width;
        newest.set(rows.subarray(begin, begin + taken * width), (s * groupTokens + inGroup) * width);
      }
      done += taken;
      if (inGroup + taken === groupTokens) this.#codeNewest((length + done) / groupTokens - 1);
    }
  }

  /** Codes the tokens of a group that has become full. */
  #codeNewest(group: number): void {
    const { backend, sequences, width } = this.#shape;
    const groupTokens = this.#groupTokens;
    for (let s = 0; s < sequences; s++) {
      const values = this.#turned.floats();
      transpose(this.#newest.values().subarray(s * groupTokens * width), groupTokens, width, values);
      const term = this.#groupTerm(s, group);
      backend.affineFit({ values, rows: width, columns: groupTokens }, term, { includeZero: false });
    }
  }

  #groupTerm(sequence: number, group: number) {
    const row = (sequence * this.#groups + group) * this.#shape.width;
    return termRows(this.#stored.term(), row, row + this.#shape.width);
  }

  decode(length: number, target: Float32Array): void {
    const { sequences, width } = this.#shape;
    const groupTokens = this.#groupTokens;
    const full = Math.floor(length / groupTokens);
    const rest = length - full * groupTokens;
    for (let s = 0; s < sequences; s++) {
      for (let group = 0; group < full; group++) {
        this.#decodeGroup(s, group, target.subarray((s * length + group * groupTokens) * width));
      }
      const begin = s * groupTokens * width;
      const newest = this.#newest.values().subarray(begin, begin + rest * width);
      target.set(newest, (s * length + full * groupTokens) * width);
    }
  }

  #decodeGroup(sequence: number, group: number, target: Float32Array): void {
    const values = this.#turned.floats();
    values.fill(0);
    this.#shape.backend.affineDecode(this.#groupTerm(sequence, group), values);
    transpose(values, this.#shape.width, this.#groupTokens, target);
  }

  /** Tokens of a group that is cut are taken back from their codes; they keep the error of these. */
  truncate(length: number, held: number): void {
    const group = Math.floor(length / this.#groupTokens);
    if (length % this.#groupTokens === 0 || group === Math.floor(held / this.#groupTokens)) return;
    for (let s = 0; s < this.#shape.sequences; s++) {
      this.#decodeGroup(s, group, this.#newest.values().subarray(s * this.#groupTokens * this.#shape.width));
    }
  }

  release(): void {
    this.#stored.release();
    this.#newest.release();
    this.#turned.release();
  }
}

/** Rows that are turned together: so many lines of the source stay in the first cache. */
const TURNED_ROWS = 16;

function transpose(source: Float32Array, rows: number, columns: number, target: Float32Array): void {
  for (let begin = 0; begin < rows; begin += TURNED_ROWS) {
    const end = Math.min(begin + TURNED_ROWS, rows);
    for (let column = 0; column < columns; column++) {
      const to = column * rows;
      for (let row = begin; row < end; row++) target[to + row] = source[row * columns + column]!;
    }
  }
}
