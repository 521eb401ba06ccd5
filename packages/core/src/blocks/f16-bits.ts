import { decodeTable } from "../dtype/decode-table.js";

const float = new Float32Array(1);
const word = new Uint32Array(float.buffer);

/**
 * The f16 of a block's scale or minimum: half to even, infinity beyond 65504, the sign of −0 kept (ggml's rule). As
 * `encodeSmallFloat`, in the integer steps of the kernels (half.h): files have a scale every few weights.
 */
export function f16Bits(value: number): number {
  float[0] = value;
  const bits = word[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return 0x7e00;
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) {
    // Rebias the exponent and round the 13 bits that go; a carry moves into the exponent.
    return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  }
  // Subnormal: adding 0.5 leaves multiples of 2^−24 in the low bits, rounded by the addition.
  float[0] = Math.abs(float[0]!) + 0.5;
  return sign | (word[0]! - 0x3f000000);
}

/** The bits of the f16 at byte `at`. */
export function f16At(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}

export function f16Value(bits: number): number {
  return decodeTable("F16")[bits]!;
}

export function storeF16(bytes: Uint8Array, at: number, bits: number): void {
  bytes[at] = bits;
  bytes[at + 1] = bits >>> 8;
}

/** The two bytes at `offset` of every block of `stride` bytes, one after another. */
export function gatherF16(blocks: Uint8Array, stride: number, offset: number, target: Uint8Array): void {
  for (let from = offset, to = 0; to < target.length; from += stride, to += 2) {
    target[to] = blocks[from]!;
    target[to + 1] = blocks[from + 1]!;
  }
}

/** f32 values in the f16 of blocks. */
export interface RoundedF16 {
  readonly bits: Uint16Array;
  /** Whether a value changed. */
  readonly isRounded: boolean;
  /** Present: a finite value that f16 cannot hold. */
  readonly beyond?: number;
}

export function roundToF16(values: Float32Array): RoundedF16 {
  const table = decodeTable("F16");
  const bits = new Uint16Array(values.length);
  let isRounded = false;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const pattern = f16Bits(value);
    const stored = table[pattern]!;
    bits[i] = pattern;
    if (stored === value || Number.isNaN(value)) continue;
    if (!Number.isFinite(stored)) return { bits, isRounded: true, beyond: value };
    isRounded = true;
  }
  return { bits, isRounded };
}
