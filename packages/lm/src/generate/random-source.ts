const MASK_32: bigint = 0xffff_ffffn;
const MASK_64: bigint = 0xffff_ffff_ffff_ffffn;

/** Uniform numbers in [0, 1). */
export type RandomSource = () => number;

/**
 * xoshiro128** of Blackman and Vigna ("Scrambled linear pseudorandom number generators", 2021): 32-bit words from four
 * words of state, not all 0.
 */
export function xoshiro128(state: readonly [number, number, number, number]): () => number {
  let [a, b, c, d] = state;
  return () => {
    const word = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return word;
  };
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/**
 * 53-bit uniform numbers, two words each, from a generator whose state is two words of splitmix64 of `seed` (a safe
 * integer from 0), low half first. The same seed gives the same numbers everywhere.
 */
export function seededRandom(seed: number): RandomSource {
  let state = BigInt(seed);
  const halves = (): [number, number] => {
    state = (state + 0x9e37_79b9_7f4a_7c15n) & MASK_64;
    let mixed = state;
    mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58_476d_1ce4_e5b9n) & MASK_64;
    mixed = ((mixed ^ (mixed >> 27n)) * 0x94d0_49bb_1331_11ebn) & MASK_64;
    mixed ^= mixed >> 31n;
    return [Number(mixed & MASK_32), Number(mixed >> 32n)];
  };
  const next = xoshiro128([...halves(), ...halves()]);
  return () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
}
