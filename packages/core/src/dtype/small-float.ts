import type { FloatDtype } from "./dtype-table.js";

/** Dtypes of at most 16 bits. */
export type SmallFloatDtype = Exclude<FloatDtype, "F32" | "F64">;

/**
 * A float of at most 16 bits: sign, exponent, mantissa from the highest bit down. Rules of `encode`, all half to even:
 *
 * | flavour | infinity | NaN patterns | NaN becomes | beyond the largest value |
 * |---|---|---|---|---|
 * | `ieee` (F16, BF16, F8_E5M2) | yes | exponent all ones, mantissa not 0 | + quiet NaN | infinity |
 * | `fn` (F8_E4M3) | no | all bits but the sign | 0x7f | NaN with the sign, infinity too |
 * | `fnuz` (F8_E4M3FNUZ, F8_E5M2FNUZ) | no | sign bit alone; there is no −0 | that | NaN, infinity too |
 * | `finite` (F6_E2M3, F6_E3M2, F4) | no | none | −0 | largest value, infinity too |
 * | `scale` (F8_E8M0: 2^(code − 127), no sign, no 0) | no | 0xff | that | NaN, infinity and negative values too |
 *
 * "Beyond" is judged after rounding with unlimited exponent range. These are the rules of ml_dtypes 0.6, but for
 * `scale`: ±0 becomes 2^−127 as in PyTorch, because a group of zeros must not get a NaN scale, and what lies between
 * 2^−127 and 1.5 · 2^−127 rounds down as half to even demands (ml_dtypes and PyTorch 2.15 round it up). A tie of
 * `scale` goes up: between the significands 1 and 2 the even one is 2. PyTorch 2.15 saturates F8_E4M3 where
 * ml_dtypes and lowbit give NaN.
 */
export interface SmallFloatFormat {
  readonly exponentBits: number;
  readonly mantissaBits: number;
  /** An exponent field of `bias` means 2^0. */
  readonly bias: number;
  readonly flavour: "ieee" | "fn" | "fnuz" | "finite" | "scale";
}

/** F8_*: OCP 8-bit floating point (OFP8) and Graphcore/AMD's FNUZ; F6, F4, E8M0: OCP Microscaling (MX) v1.0. */
export const SMALL_FLOATS: Readonly<Record<SmallFloatDtype, SmallFloatFormat>> = {
  F16: { exponentBits: 5, mantissaBits: 10, bias: 15, flavour: "ieee" },
  BF16: { exponentBits: 8, mantissaBits: 7, bias: 127, flavour: "ieee" },
  F8_E5M2: { exponentBits: 5, mantissaBits: 2, bias: 15, flavour: "ieee" },
  F8_E4M3: { exponentBits: 4, mantissaBits: 3, bias: 7, flavour: "fn" },
  F8_E8M0: { exponentBits: 8, mantissaBits: 0, bias: 127, flavour: "scale" },
  F8_E4M3FNUZ: { exponentBits: 4, mantissaBits: 3, bias: 8, flavour: "fnuz" },
  F8_E5M2FNUZ: { exponentBits: 5, mantissaBits: 2, bias: 16, flavour: "fnuz" },
  F6_E2M3: { exponentBits: 2, mantissaBits: 3, bias: 1, flavour: "finite" },
  F6_E3M2: { exponentBits: 3, mantissaBits: 2, bias: 3, flavour: "finite" },
  F4: { exponentBits: 2, mantissaBits: 1, bias: 1, flavour: "finite" },
};

/** Whether `dtype` is described by `SMALL_FLOATS`. */
export function isSmallFloat(dtype: FloatDtype): dtype is SmallFloatDtype {
  return dtype !== "F32" && dtype !== "F64";
}

/** Value of a bit pattern; exact in f32. value = ±2^max(e, 1) − bias · (m / 2^M + (e > 0 ? 1 : 0)) */
export function decodeSmallFloat(format: SmallFloatFormat, pattern: number): number {
  const { exponentBits, mantissaBits, bias, flavour } = format;
  if (flavour === "scale") return pattern === 0xff ? Number.NaN : 2 ** (pattern - bias);
  const magnitude = pattern % 2 ** (exponentBits + mantissaBits);
  const sign = magnitude === pattern ? 1 : -1;
  const exponent = Math.floor(magnitude / 2 ** mantissaBits);
  const mantissa = magnitude % 2 ** mantissaBits;
  if (flavour === "ieee" && exponent === 2 ** exponentBits - 1) {
    return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  }
  if (flavour === "fn" && magnitude === 2 ** (exponentBits + mantissaBits) - 1) return Number.NaN;
  if (flavour === "fnuz" && sign < 0 && magnitude === 0) return Number.NaN;
  const significand = mantissa / 2 ** mantissaBits + (exponent > 0 ? 1 : 0);
  return sign * 2 ** (Math.max(exponent, 1) - bias) * significand;
}

/** Bit pattern of an f32 value, rounded half to even; overflow and NaN by the table of `SmallFloatFormat`. */
export function encodeSmallFloat(format: SmallFloatFormat, value: number): number {
  const { exponentBits, mantissaBits, bias, flavour } = format;
  if (flavour === "scale") return encodeScale(bias, value);
  const signBit = 2 ** (exponentBits + mantissaBits);
  if (Number.isNaN(value)) return nanPattern(format);
  const sign = value < 0 || Object.is(value, -0) ? signBit : 0;
  const magnitude = Math.abs(value);
  const largest = largestPattern(format);
  if (magnitude === Number.POSITIVE_INFINITY) return overflow(format, sign, largest);
  // Patterns of ascending magnitudes are consecutive integers, so that a carry of the rounding moves into the exponent.
  const exponent = Math.max(exponentOf(magnitude), 1 - bias);
  const steps = roundHalfEven(magnitude / 2 ** (exponent - mantissaBits));
  const pattern = (exponent + bias - 1) * 2 ** mantissaBits + steps;
  if (pattern > largest) return overflow(format, sign, largest);
  return pattern === 0 && flavour === "fnuz" ? 0 : sign + pattern;
}

function encodeScale(bias: number, value: number): number {
  if (!(value >= 0) || value === Number.POSITIVE_INFINITY) return 0xff;
  const exponent = exponentOf(value);
  const steps = Math.max(1, roundHalfEven(value / 2 ** exponent));
  return exponent + bias + (steps - 1);
}

function nanPattern({ exponentBits, mantissaBits, flavour }: SmallFloatFormat): number {
  const signBit = 2 ** (exponentBits + mantissaBits);
  if (flavour === "ieee") return signBit - 2 ** mantissaBits + 2 ** (mantissaBits - 1);
  return flavour === "fn" ? signBit - 1 : signBit;
}

/** Magnitude pattern of the largest finite value. */
function largestPattern({ exponentBits, mantissaBits, flavour }: SmallFloatFormat): number {
  const all = 2 ** (exponentBits + mantissaBits) - 1;
  if (flavour === "ieee") return all - 2 ** mantissaBits;
  return flavour === "fn" ? all - 1 : all;
}

function overflow(format: SmallFloatFormat, sign: number, largest: number): number {
  if (format.flavour === "fnuz") return nanPattern(format);
  // One above the largest value lies infinity (ieee) or NaN (fn).
  return sign + largest + (format.flavour === "finite" ? 0 : 1);
}

const word = new DataView(new ArrayBuffer(4));

/** Exponent of an f32: floor(log2(value)) from 2^−126 on, −127 below. */
function exponentOf(value: number): number {
  word.setFloat32(0, value);
  return ((word.getUint32(0) >>> 23) & 0xff) - 127;
}

/** Half to even for 0 ≤ x < 2^51: adding 2^52 leaves no bits for a fraction. */
function roundHalfEven(x: number): number {
  return x + 2 ** 52 - 2 ** 52;
}
