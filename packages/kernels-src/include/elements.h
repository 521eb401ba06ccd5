// Kernels over elements that do not depend on each other: sixteen at a time, the last ones in the first lanes.
#pragma once

#include "lanes.h"
#include "lowbit_kernels.h"

namespace lowbit {
namespace LOWBIT_ISA {

struct AllLanes {
  static F32x16 load(const float* from) { return LOWBIT_ISA::load(from); }
  static void store(float* to, F32x16 v) { LOWBIT_ISA::store(to, v); }
};

struct FirstLanes {
  int count;
  F32x16 load(const float* from) const { return load_part(from, count, 0.0f); }
  void store(float* to, F32x16 v) const { store_part(to, v, count); }
};

// body(i, lanes) for every sixteen of the elements begin … end − 1; `lanes` loads and stores those that exist.
template <typename Body>
static inline void each_lanes(int64_t begin, int64_t end, Body body) {
  int64_t i = begin;
  for (; i + LANES <= end; i += LANES) body(i, AllLanes{});
  if (i < end) body(i, FirstLanes{(int)(end - i)});
}

// Sixteen or fewer: for long bodies, which each_lanes would compile twice.
struct SomeLanes {
  int count;
  __attribute__((noinline)) static F32x16 load_first(const float* from, int count) {
    return load_part(from, count, 0.0f);
  }
  __attribute__((noinline)) static void store_first(float* to, const F32x16& v, int count) { store_part(to, v, count); }
  F32x16 load(const float* from) const { return count == LANES ? LOWBIT_ISA::load(from) : load_first(from, count); }
  void store(float* to, F32x16 v) const {
    if (count == LANES)
      LOWBIT_ISA::store(to, v);
    else
      store_first(to, v, count);
  }
};

// The same for spans of LOWBIT_DTYPE_SPAN elements, the unit that threads share.
template <typename Body>
static inline void each_lanes_of_spans(int32_t span_begin, int32_t span_end, int32_t count, Body body) {
  const int64_t limit = (int64_t)span_end * LOWBIT_DTYPE_SPAN, end = limit < count ? limit : count;
  for (int64_t i = (int64_t)span_begin * LOWBIT_DTYPE_SPAN; i < end; i += LANES)
    body(i, SomeLanes{end - i < LANES ? (int)(end - i) : LANES});
}

}  // namespace LOWBIT_ISA
}  // namespace lowbit
