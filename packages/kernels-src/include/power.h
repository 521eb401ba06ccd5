// x^p in f64, the twin of packages/core/src/linalg/power.ts: the same operations in the same order, so the same bits.
#pragma once

#include "lanes.h"

namespace lowbit {
namespace LOWBIT_ISA {

typedef uint64_t U64x16 __attribute__((vector_size(128)));

// log2(x) for x >= 2^-1022: x = 2^e · m with m in [√½, √2), log2(m) = 2/ln 2 · artanh((m − 1)/(m + 1)).
static inline F64x16 log2_lanes(F64x16 x) {
  const uint64_t root_half = 0x3fe6a09e00000000ull, one = 0x3ff0000000000000ull;
  const U64x16 shifted = (U64x16)x + (one - root_half);
  // 2^52 + (e + 1023), exact, minus its offset.
  const F64x16 e = (F64x16)((shifted >> 52) | 0x4330000000000000ull) - 4503599627371519.0;
  const F64x16 m = (F64x16)((shifted & 0x000fffffffffffffull) + root_half);
  const F64x16 s = (m - 1.0) / (m + 1.0);
  const F64x16 q = s * s;
  F64x16 series = q * (1.0 / 19.0) + 1.0 / 17.0;
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
static inline F64x16 exp2_lanes(F64x16 y) {
  const F64x16 shifted = y + 6755399441055744.0;
  const F64x16 n = shifted - 6755399441055744.0;
  const F64x16 z = (y - n) * 0.6931471805599453;
  F64x16 series = z * (1.0 / 479001600.0) + 1.0 / 39916800.0;
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
  const F64x16 two_to_n = (F64x16)(((U64x16)shifted << 52) + 0x3ff0000000000000ull);
  return series * two_to_n;
}

static inline F64x16 power(F64x16 x, double p) {
  const F64x16 y = log2_lanes(x) * p;
  const F64x16 low = F64x16{} - 1022.0, high = F64x16{} + 1022.0;
  const F64x16 clamped = y < low ? low : (y > high ? high : y);
  const F64x16 of_zero = F64x16{} + (p > 0 ? 0.0 : __builtin_inf());
  return x == 0.0 ? of_zero : exp2_lanes(clamped);
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit
