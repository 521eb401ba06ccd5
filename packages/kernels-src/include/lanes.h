// Sixteen-lane vectors: the unit in which docs/numerics.md defines every sum. GCC and Clang turn one such vector into
// one AVX-512, two AVX2, four NEON, four WASM or four SSE registers; the arithmetic of a lane is the same in all.
#pragma once

#include <stdint.h>

namespace lowbit {
namespace LOWBIT_ISA {

typedef float F32x16 __attribute__((vector_size(64)));
typedef int32_t I32x16 __attribute__((vector_size(64)));
typedef uint32_t U32x16 __attribute__((vector_size(64)));
typedef double F64x16 __attribute__((vector_size(128)));

constexpr int LANES = 16;

static inline F32x16 splat(float value) { return value - F32x16{}; }

static inline F32x16 load(const float* from) {
  F32x16 v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}
static inline void store(float* to, F32x16 v) { __builtin_memcpy(to, &v, sizeof v); }

// The first `count` (< 16) elements, the other lanes `filler`.
static inline F32x16 load_part(const float* from, int count, float filler) {
  float lanes[LANES];
  for (int i = 0; i < LANES; i++) lanes[i] = i < count ? from[i] : filler;
  return load(lanes);
}
static inline void store_part(float* to, F32x16 v, int count) {
  for (int i = 0; i < count; i++) to[i] = v[i];
}

// The fixed tree of docs/numerics.md, rule 2.
static inline float tree_sum(F32x16 p) {
  float s[LANES];
  store(s, p);
  for (int width = 8; width >= 1; width /= 2)
    for (int i = 0; i < width; i++) s[i] = s[i] + s[i + width];
  return s[0];
}

// tree_sum of four at once: they share the steps.
static inline void tree_sums(const F32x16 (&p)[4], float* sums) {
  const F32x16 ab = __builtin_shufflevector(p[0], p[1], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
                    __builtin_shufflevector(p[0], p[1], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  const F32x16 cd = __builtin_shufflevector(p[2], p[3], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
                    __builtin_shufflevector(p[2], p[3], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  const F32x16 fours = __builtin_shufflevector(ab, cd, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
                       __builtin_shufflevector(ab, cd, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
  const F32x16 twos = fours + __builtin_shufflevector(fours, fours, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
  for (int i = 0; i < 4; i++) sums[i] = twos[4 * i] + twos[4 * i + 1];
}

// Half to even for |v| <= 2^22 (rule 3).
static inline F32x16 round_half_even(F32x16 v) {
  const F32x16 magic = splat(12582912.0f);
  return (v + magic) - magic;
}

static inline F32x16 minimum(F32x16 a, F32x16 b) { return b < a ? b : a; }
static inline F32x16 maximum(F32x16 a, F32x16 b) { return b > a ? b : a; }
static inline F32x16 absolute(F32x16 v) { return (F32x16)((I32x16)v & 0x7fffffff); }

}  // namespace LOWBIT_ISA
}  // namespace lowbit
