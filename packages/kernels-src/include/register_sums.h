// Sums of sixteen groups at once: registers of int32 partial sums are added crosswise, so that no group needs a
// reduction of its own.
#pragma once

#include "registers.h"

namespace lowbit {
namespace LOWBIT_ISA {

// In every 128-bit part: the sum of the part of a, of b, of c, of d.
#if LOWBIT_REGISTER_BYTES == 64
#define LOWBIT_LOW_WORDS 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29
#define LOWBIT_HIGH_WORDS 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31
#define LOWBIT_LOW_PAIRS 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define LOWBIT_HIGH_PAIRS 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#elif LOWBIT_REGISTER_BYTES == 32
#define LOWBIT_LOW_WORDS 0, 8, 1, 9, 4, 12, 5, 13
#define LOWBIT_HIGH_WORDS 2, 10, 3, 11, 6, 14, 7, 15
#define LOWBIT_LOW_PAIRS 0, 1, 8, 9, 4, 5, 12, 13
#define LOWBIT_HIGH_PAIRS 2, 3, 10, 11, 6, 7, 14, 15
#else
#define LOWBIT_LOW_WORDS 0, 4, 1, 5
#define LOWBIT_HIGH_WORDS 2, 6, 3, 7
#define LOWBIT_LOW_PAIRS 0, 1, 4, 5
#define LOWBIT_HIGH_PAIRS 2, 3, 6, 7
#endif

template <typename Register>
static inline Register quad_sums(const Register* r) {
  const Register ab = __builtin_shufflevector(r[0], r[1], LOWBIT_LOW_WORDS) +
                         __builtin_shufflevector(r[0], r[1], LOWBIT_HIGH_WORDS);
  const Register cd = __builtin_shufflevector(r[2], r[3], LOWBIT_LOW_WORDS) +
                         __builtin_shufflevector(r[2], r[3], LOWBIT_HIGH_WORDS);
  return __builtin_shufflevector(ab, cd, LOWBIT_LOW_PAIRS) + __builtin_shufflevector(ab, cd, LOWBIT_HIGH_PAIRS);
}

#if LOWBIT_REGISTER_BYTES == 64
// Neighbouring 128-bit parts added: parts of a, then of b.
template <typename Register>
static inline Register half_sums(Register a, Register b) {
  return __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
         __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
}
#elif LOWBIT_REGISTER_BYTES == 32
template <typename Register>
static inline Register half_sums(Register a, Register b) {
  return __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11) +
         __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
}
#endif

// Sums of sixteen groups whose int32 partial sums lie in consecutive lanes, `lanes` a group (4, 8 or 16, at most a
// register), from r[0] on.
static inline void group_sums16(const IntRegister* r, int lanes, int32_t* sums) {
#if LOWBIT_REGISTER_BYTES == 64
  IntRegister all;
  if (lanes == 4) {
    const IntRegister a = quad_sums(r);
    all = __builtin_shufflevector(a, a, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  } else if (lanes == 8) {
    const IntRegister a = half_sums(quad_sums(r), quad_sums(r + 4));
    all = __builtin_shufflevector(a, a, 0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15);
  } else {
    all = half_sums(half_sums(quad_sums(r), quad_sums(r + 4)), half_sums(quad_sums(r + 8), quad_sums(r + 12)));
  }
  __builtin_memcpy(sums, &all, sizeof all);
#elif LOWBIT_REGISTER_BYTES == 32
  for (int half = 0; half < 2; half++) {
    IntRegister part;
    if (lanes == 4) {
      const IntRegister a = quad_sums(r + 4 * half);
      part = __builtin_shufflevector(a, a, 0, 4, 1, 5, 2, 6, 3, 7);
    } else {
      part = half_sums(quad_sums(r + 8 * half), quad_sums(r + 8 * half + 4));
    }
    __builtin_memcpy(sums + 8 * half, &part, sizeof part);
  }
#else
  (void)lanes;
  for (int quarter = 0; quarter < 4; quarter++) {
    const IntRegister part = quad_sums(r + 4 * quarter);
    __builtin_memcpy(sums + 4 * quarter, &part, sizeof part);
  }
#endif
}

// sums[i] = the sum of the lanes of r[i].
template <typename Register, typename Number>
static inline void four_sums(const Register* r, Number* sums) {
  Register v = quad_sums(r);
#if LOWBIT_REGISTER_BYTES == 64
  v = half_sums(v, v);
  v = half_sums(v, v);
#elif LOWBIT_REGISTER_BYTES == 32
  v = half_sums(v, v);
#endif
  for (int i = 0; i < 4; i++) sums[i] = v[i];
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit
