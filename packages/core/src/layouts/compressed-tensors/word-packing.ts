import { packCodes } from "../../bitpack/pack-codes.js";
import { packedByteLength } from "../../bitpack/packed-byte-length.js";

/**
 * How codes fill 32-bit words. "dense" (since compressed-tensors PR #715 of May 2026): 32 codes fill `bits` words, codes
 * straddle their borders. "idle": floor(32 / bits) codes a word, the bits above them idle. One and the same for 1, 2, 4
 * and 8 bits.
 */
export type WordPacking = "dense" | "idle";

/** Words that `count` codes take. */
export function wordCount(count: number, bits: number, packing: WordPacking): number {
  return packing === "dense" ? Math.ceil((count * bits) / 32) : Math.ceil(count / Math.floor(32 / bits));
}

/** Packs codes, one a byte, into little-endian words. */
export function packWords(codes: Uint8Array, bits: number): Uint8Array {
  const words = new Uint8Array(4 * wordCount(codes.length, bits, "dense"));
  packCodes(codes, bits, words);
  return words;
}

/** One row of words as bytes of a term: dense words are that already. */
export function wordsToBytes(words: Uint8Array, bits: number, count: number, packing: WordPacking): Uint8Array {
  const length = packedByteLength(count, bits);
  if (packing === "dense") return words.subarray(0, length);
  const bytes = new Uint8Array(length);
  packCodes(idleCodes(words, bits, count), bits, bytes);
  return bytes;
}

/** Codes of one row of words, one a byte. */
export function idleCodes(words: Uint8Array, bits: number, count: number): Uint8Array {
  const perWord = Math.floor(32 / bits);
  const view = new DataView(words.buffer, words.byteOffset, words.byteLength);
  return Uint8Array.from({ length: count }, (_, i) => {
    const word = view.getUint32(4 * Math.floor(i / perWord), true);
    return (word >>> ((i % perWord) * bits)) & (2 ** bits - 1);
  });
}

/** Whether the bits that "idle" packing leaves idle are 0 in every word. */
export function idleBitsAreClear(words: Uint8Array, bits: number): boolean {
  const used = Math.floor(32 / bits) * bits;
  if (used === 32) return true;
  const view = new DataView(words.buffer, words.byteOffset, words.byteLength);
  for (let at = 0; at + 4 <= words.byteLength; at += 4) if (view.getUint32(at, true) >>> used !== 0) return false;
  return true;
}
