// f32 to f64 for sums of powers, sixteen lanes taken WIDE at a time so that the partial sums stay in registers.
//
// Squares are taken in f64, where no power of an f32 is subnormal. What is left is the conversion itself: processors
// take ~150 cycles to convert a subnormal f32, and WebAssembly cannot switch that off. `widen_any` converts those
// through integers (value = mantissa · 2^-149); callers use it only for chunks in which there is one.
#pragma once

#include "lanes.h"

namespace lowbit {
namespace LOWBIT_ISA {

#if defined(__AVX512F__)
#define LOWBIT_WIDE 16
#elif defined(__AVX2__) || defined(__aarch64__)
#define LOWBIT_WIDE 8
#else
#define LOWBIT_WIDE 4
#endif
constexpr int WIDE = LOWBIT_WIDE;

typedef int32_t IntWide __attribute__((vector_size(LOWBIT_WIDE * 4)));
typedef float FloatWide __attribute__((vector_size(LOWBIT_WIDE * 4)));
typedef double DoubleWide __attribute__((vector_size(LOWBIT_WIDE * 8)));
typedef int64_t LongWide __attribute__((vector_size(LOWBIT_WIDE * 8)));

constexpr int32_t ABS_MASK = 0x7fffffff;
constexpr int32_t INFINITE_BITS = 0x7f800000;
constexpr int32_t LEAST_NORMAL_BITS = 0x00800000;

template <typename Vector, typename Element>
static inline Vector load_as(const Element* from) {
  Vector v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}
template <typename Vector, typename Element>
static inline void store_as(Element* to, Vector v) {
  __builtin_memcpy(to, &v, sizeof v);
}

// No lane subnormal, NaN or infinite.
static inline DoubleWide widen_normal(IntWide bits) { return __builtin_convertvector((FloatWide)bits, DoubleWide); }

static inline IntWide finite_lanes(IntWide bits) { return (bits & ABS_MASK) < INFINITE_BITS; }

// Any bits; lanes outside `keep` give 0.
static inline DoubleWide widen_any(IntWide bits, IntWide keep) {
  const IntWide abs = bits & ABS_MASK;
  const IntWide small = abs < LEAST_NORMAL_BITS;
  const IntWide sign = bits >> 31;
  const IntWide mantissa = ((abs & small & keep) ^ sign) - sign;
  return widen_normal(bits & ~small & keep) + __builtin_convertvector(mantissa, DoubleWide) * 0x1p-149;
}

static inline double tree_sum(double* p) {
  for (int width = LANES / 2; width >= 1; width /= 2)
    for (int i = 0; i < width; i++) p[i] = p[i] + p[i + width];
  return p[0];
}

// What a chunk of f32 holds besides normal numbers and zeros.
struct OddValues {
  bool subnormal;
  bool not_finite;
};

static inline OddValues find_odd_values(const float* from, int32_t count) {
  I32x16 largest = {}, subnormal = {};
  int32_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    const I32x16 abs = load_as<I32x16>(from + i) & ABS_MASK;
    largest = abs > largest ? abs : largest;
    subnormal |= (abs < LEAST_NORMAL_BITS) & (abs != 0);
  }
  OddValues odd = {false, false};
#pragma GCC unroll 16
  for (int lane = 0; lane < LANES; lane++) {
    odd.subnormal |= subnormal[lane] != 0;
    odd.not_finite |= largest[lane] >= INFINITE_BITS;
  }
  for (; i < count; i++) {
    const int32_t abs = load_as<int32_t>(from + i) & ABS_MASK;
    odd.subnormal |= abs != 0 && abs < LEAST_NORMAL_BITS;
    odd.not_finite |= abs >= INFINITE_BITS;
  }
  return odd;
}

// Columns that are looked at twice (what is in it, then the sums) while they are in the first-level cache.
constexpr int32_t CHUNK = 1024;

}  // namespace LOWBIT_ISA
}  // namespace lowbit
