// x^p in f64, the twin of packages/core/src/linalg/power.ts: the same operations in the same order, so the same bits.
#pragma once

#include "lanes.h"
#include "wide_lanes.h"

namespace lowbit {
namespace LOWBIT_ISA {

typedef uint64_t WordWide __attribute__((vector_size(LOWBIT_WIDE * 8)));

// log2(x) for x >= 2^-1022: x = 2^e · m with m in [√½, √2), log2(m) = 2/ln 2 · artanh((m − 1)/(m + 1)).
static inline DoubleWide log2_lanes(DoubleWide x) {
  const uint64_t root_half = 0x3fe6a09e00000000ull, one = 0x3ff0000000000000ull;
  const WordWide shifted = (WordWide)x + (one - root_half);
  // 2^52 + (e + 1023), exact, minus its offset.
  const DoubleWide e = (DoubleWide)((shifted >> 52) | 0x4330000000000000ull) - 4503599627371519.0;
  const DoubleWide m = (DoubleWide)((shifted & 0x000fffffffffffffull) + root_half);
  const DoubleWide s = (m - 1.0) / (m + 1.0);
  const DoubleWide q = s * s;
  DoubleWide series = q * (1.0 / 19.0) + 1.0 / 17.0;
  series = series * q + 1.0 / 15.0;
  series = series * q + 1.0 / 13.0;
  series = series * q + 1.0 / 11.0;
  series = series * q + 1.0 / 9.0;
  series = series * q + 1.0 / 7.0;
  series = series * q + 1.0 / 5.0;
  series = series * q + 1.0 / 3.0;
  series = series * q + 1.0;
  return e + s * series * 2.8853900817779268;
}

// 2^y for |y| <= 1022: y = n + f with |f| <= 1/2, 2^f = e^(f · ln 2) by its series.
static inline DoubleWide exp2_lanes(DoubleWide y) {
  const DoubleWide shifted = y + 6755399441055744.0;
  const DoubleWide n = shifted - 6755399441055744.0;
  const DoubleWide z = (y - n) * 0.6931471805599453;
  DoubleWide series = z * (1.0 / 479001600.0) + 1.0 / 39916800.0;
  series = series * z + 1.0 / 3628800.0;
  series = series * z + 1.0 / 362880.0;
  series = series * z + 1.0 / 40320.0;
  series = series * z + 1.0 / 5040.0;
  series = series * z + 1.0 / 720.0;
  series = series * z + 1.0 / 120.0;
  series = series * z + 1.0 / 24.0;
  series = series * z + 1.0 / 6.0;
  series = series * z + 0.5;
  series = series * z + 1.0;
  series = series * z + 1.0;
  const DoubleWide two_to_n = (DoubleWide)(((WordWide)shifted << 52) + 0x3ff0000000000000ull);
  return series * two_to_n;
}

static inline DoubleWide power(DoubleWide x, double p) {
  const DoubleWide y = log2_lanes(x) * p;
  const DoubleWide low = DoubleWide{} - 1022.0, high = DoubleWide{} + 1022.0;
  const DoubleWide clamped = y < low ? low : (y > high ? high : y);
  const DoubleWide of_zero = DoubleWide{} + (p > 0 ? 0.0 : __builtin_inf());
  return x == 0.0 ? of_zero : exp2_lanes(clamped);
}

// v^p of sixteen f32, in f64, WIDE of them at a time.
static inline F64x16 power_of_lanes(F32x16 v, double p) {
  F64x16 result;
  for (int i = 0; i < LANES; i += WIDE) {
    FloatWide part;
    __builtin_memcpy(&part, (const char*)&v + i * sizeof(float), sizeof part);
    const DoubleWide powers = power(__builtin_convertvector(part, DoubleWide), p);
    __builtin_memcpy((char*)&result + i * sizeof(double), &powers, sizeof powers);
  }
  return result;
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit
