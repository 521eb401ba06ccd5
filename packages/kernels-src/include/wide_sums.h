// Sums over a row in f64, WIDE elements at a time, in no stated order.
#pragma once

#include "wide_lanes.h"

namespace lowbit {
namespace LOWBIT_ISA {

static inline DoubleWide widen(const float* from) {
  return __builtin_convertvector(load_as<FloatWide>(from), DoubleWide);
}
static inline FloatWide narrow(DoubleWide v) { return __builtin_convertvector(v, FloatWide); }

// Σ_i map(from[i]…): `map` takes one element of each array, as DoubleWide and, at the end of the row, as double.
template <typename Map, typename... Arrays>
static inline double wide_sum(int32_t count, Map map, const Arrays*... from) {
  DoubleWide even = {}, odd = {};
  int32_t i = 0;
  for (; i + 2 * WIDE <= count; i += 2 * WIDE) {
    even += map(widen(from + i)...);
    odd += map(widen(from + i + WIDE)...);
  }
  if (i + WIDE <= count) {
    even += map(widen(from + i)...);
    i += WIDE;
  }
  const DoubleWide both = even + odd;
  double sum = 0;
  for (int lane = 0; lane < WIDE; lane++) sum += both[lane];
  for (; i < count; i++) sum += map((double)from[i]...);
  return sum;
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit
