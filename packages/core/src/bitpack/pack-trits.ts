/** How ternary digits 0, 1, 2 become bytes; see `TernaryLayout.packing`. */
export type TritPacking = "two-bit" | "base-3";

/** Digits in one byte; 3^5 = 243 fits, 3^6 does not. */
const DIGITS_PER_BYTE: Readonly<Record<TritPacking, number>> = { "two-bit": 4, "base-3": 5 };

/** Weight of digit 1 over digit 0 of a byte: digit i is worth base^i. */
const BASE: Readonly<Record<TritPacking, number>> = { "two-bit": 4, "base-3": 3 };

/** Bytes of one row of `count` digits. */
export function tritByteLength(count: number, packing: TritPacking): number {
  return Math.ceil(count / DIGITS_PER_BYTE[packing]);
}

/** Packs one row of digits (0, 1 or 2) into `target`; the unused places of the last byte are 0. */
export function packTrits(digits: Uint8Array, packing: TritPacking, target: Uint8Array): void {
  const perByte = DIGITS_PER_BYTE[packing];
  const base = BASE[packing];
  const bytes = tritByteLength(digits.length, packing);
  for (let b = 0; b < bytes; b++) {
    let byte = 0;
    let worth = 1;
    for (let i = b * perByte; i < Math.min((b + 1) * perByte, digits.length); i++) {
      byte += digits[i]! * worth;
      worth *= base;
    }
    target[b] = byte;
  }
}

/**
 * Reads one row of `digits.length` digits. A byte that no packing writes (two-bit digit 3, base-3 byte above 242) is
 * read by the same arithmetic: digit i is floor(byte / base^i) mod base.
 */
export function unpackTrits(source: Uint8Array, packing: TritPacking, digits: Uint8Array): void {
  const perByte = DIGITS_PER_BYTE[packing];
  const base = BASE[packing];
  for (let i = 0; i < digits.length; i++) {
    const byte = source[Math.floor(i / perByte)]!;
    digits[i] = Math.floor(byte / base ** (i % perByte)) % base;
  }
}
