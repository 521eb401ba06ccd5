/** A small seeded generator (mulberry32): the same data on every machine and in every run. */
export class RandomData {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Uniform unsigned 32-bit. */
  word(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.word() / 2 ** 32;
  }

  /** Uniform whole number in [low, high]. */
  integer(low: number, high: number): number {
    return low + (this.word() % (high - low + 1));
  }

  /** Standard normal (Box–Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Weights as in a model: normal with standard deviation 0.02. */
  weights(length: number, deviation = 0.02): Float32Array {
    return Float32Array.from({ length }, () => deviation * this.normal());
  }

  /** Standard normal activations that start 4 bytes after a multiple of 16. */
  activations(length: number): Float32Array {
    return unaligned(this.weights(length, 1), 4);
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.word() & 255);
  }

  /** Weights with zeros of both signs, subnormals and the largest and smallest normal values strewn in. */
  oddWeights(length: number): Float32Array {
    return Float32Array.from({ length }, () =>
      this.integer(0, 3) === 0 ? ODD_VALUES[this.integer(0, ODD_VALUES.length - 1)]! : 0.02 * this.normal(),
    );
  }

  /** `oddWeights` with NaN and infinities among them. */
  nonFiniteWeights(length: number): Float32Array {
    const bad = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    return this.oddWeights(length).map((w) => (this.integer(0, 7) === 0 ? bad[this.integer(0, 2)]! : w));
  }

  /** Weights so small that every one is subnormal. */
  subnormalWeights(length: number): Float32Array {
    return Float32Array.from({ length }, () => this.integer(-0x7fffff, 0x7fffff) * 2 ** -149);
  }
}

/** Smallest subnormal, largest subnormal and smallest normal f32, and smallest subnormal and normal f16. */
const TINY = [2 ** -149, 2 ** -126 - 2 ** -149, 2 ** -126, 2 ** -24, 2 ** -14];

/** Finite values that arithmetic gets wrong first. */
const ODD_VALUES: readonly number[] = [
  ...[0, 0.5, 1, 1.5, 2.5, 65_504, 2 ** 68].flatMap((value) => [value, -value]),
  ...TINY.flatMap((value) => [value, -value]),
];

/** A copy that starts `offset` bytes after a multiple of 16: kernels must not need alignment beyond the element's. */
export function unaligned<A extends Float32Array | Uint8Array>(array: A, offset: number): A {
  const memory = new ArrayBuffer(array.byteLength + offset + 16);
  const Type = array.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => A;
  const copy = new Type(memory, offset, array.length);
  copy.set(array);
  return copy;
}

/** Lengths around the vector width and its multiples. */
export const ODD_LENGTHS: readonly number[] = [
  0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257,
];
