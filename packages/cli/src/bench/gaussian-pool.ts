import type { FileHandle } from "node:fs/promises";

/** Weights of the pool. */
const POOL_WEIGHTS = 2 ** 22;

/** Random 16-bit weights, drawn once; the tensors of a benchmark's model are windows on them at different places. */
export class GaussianPool {
  readonly #bytes: Uint8Array;
  #drawn = 0;

  /** Standard deviation 0.02; the same for every call. @param bits the 16 bits of a weight */
  constructor(bits: (value: number) => number) {
    const words = new Uint16Array(POOL_WEIGHTS);
    let state = 1;
    const uniform = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state + 0.5) / 2 ** 32;
    };
    for (let i = 0; i < POOL_WEIGHTS; i += 2) {
      const radius = 0.02 * Math.sqrt(-2 * Math.log(uniform()));
      const angle = 2 * Math.PI * uniform();
      words[i] = bits(radius * Math.cos(angle));
      words[i + 1] = bits(radius * Math.sin(angle));
    }
    this.#bytes = new Uint8Array(words.buffer);
  }

  /** Writes the next window. */
  async write(file: FileHandle, byteOffset: number, byteLength: number): Promise<void> {
    const pool = this.#bytes;
    // An odd step, so that the windows of two tensors never start at the same place.
    const start = 2 * ((this.#drawn++ * 1_000_003) % POOL_WEIGHTS);
    for (let done = 0; done < byteLength; ) {
      const from = (start + done) % pool.byteLength;
      const length = Math.min(byteLength - done, pool.byteLength - from);
      await file.write(pool, from, length, byteOffset + done);
      done += length;
    }
  }
}
