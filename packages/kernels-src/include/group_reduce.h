// Reductions of sixteen vectors at once: lane g of the result is the reduction of vector g in the order of the fixed
// tree (docs/numerics.md, rule 2: distance 8, 4, 2, 1). One group alone costs about as much as sixteen together, so fits
// walk the groups of a row in batches of sixteen.
#pragma once

#include "lanes.h"

namespace lowbit {
namespace LOWBIT_ISA {

constexpr int GROUP_BATCH = LANES;

// Joins two vectors: every run of `2·width` lanes of a and of b is reduced to `width` lanes; a's runs and b's runs
// alternate in the result.
#define LOWBIT_JOIN(name, lower, upper)                                              \
  template <typename Reduce>                                                         \
  static inline F32x16 name(F32x16 a, F32x16 b, Reduce reduce) {                     \
    return reduce(__builtin_shufflevector(a, b, LOWBIT_LANES lower), __builtin_shufflevector(a, b, LOWBIT_LANES upper)); \
  }
#define LOWBIT_LANES(...) __VA_ARGS__
LOWBIT_JOIN(join8, (0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
            (8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31))
LOWBIT_JOIN(join4, (0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27),
            (4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31))
LOWBIT_JOIN(join2, (0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29),
            (2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31))
LOWBIT_JOIN(join1, (0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30),
            (1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31))
#undef LOWBIT_LANES
#undef LOWBIT_JOIN

// v: sixteen vectors, one a group; overwritten.
template <typename Reduce>
static inline F32x16 reduce_groups(F32x16* v, Reduce reduce) {
  for (int i = 0; i < 8; i++) v[i] = join8(v[2 * i], v[2 * i + 1], reduce);
  for (int i = 0; i < 4; i++) v[i] = join4(v[2 * i], v[2 * i + 1], reduce);
  for (int i = 0; i < 2; i++) v[i] = join2(v[2 * i], v[2 * i + 1], reduce);
  return join1(v[0], v[1], reduce);
}

static inline F32x16 group_sums(F32x16* v) {
  return reduce_groups(v, [](F32x16 a, F32x16 b) { return a + b; });
}
static inline F32x16 group_minimums(F32x16* v) {
  return reduce_groups(v, [](F32x16 a, F32x16 b) { return minimum(a, b); });
}
static inline F32x16 group_maximums(F32x16* v) {
  return reduce_groups(v, [](F32x16 a, F32x16 b) { return maximum(a, b); });
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit
